-- title: Every access to data
-- question: Who read or wrote data in storage and databases, from where, and did they get it?
-- group: data
-- param: store text '' | Part of the name or id of the store that matters; empty for all
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1530 T1213
-- controls: pci:10.2.1.1 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Programs that work with their own data all day; name the store that matters.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and (class = 'Datastore Activity' or action in ('storage.object.get', 'storage.object.put', 'storage.object.copy', 'storage.object.delete',
    'storage.document.get', 'database.item.get'))
  and ($store = '' or strpos(lower(target_id), lower($store)) > 0 or strpos(lower(target_name), lower($store)) > 0)
order by time, uid
