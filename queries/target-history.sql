-- title: Everything done to one resource
-- question: Who touched this resource, in any cloud, and how?
-- group: who
-- param: target text | Part of the resource's name or id
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1530
-- controls: pci:10.2.1.1 pci:10.2.1.7 soc2:CC8.1 iso27001:A.8.15
-- false-positives: Other resources whose names contain the same text; give more of it.
-- portable: no
select time, cloud, account, actor_name, src_ip, action, status, coalesce(target_id, target_name) as target
from events
where time >= $since and time < $until
  and (strpos(lower(target_id), lower($target)) > 0
    or strpos(lower(target_name), lower($target)) > 0
    or strpos(lower(array_to_string(targets, ' ')), lower($target)) > 0)
order by time, uid
