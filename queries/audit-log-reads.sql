-- title: Who read the audit logs
-- question: Who searched, exported or downloaded audit logs, in the providers' own stores or from the bucket that keeps them?
-- group: logging
-- param: bucket text '' | Part of the name of the bucket that keeps the logs; empty for none
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1654
-- controls: pci:10.2.1.3 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Consoles that show recent events; programs that collect the logs, such as this one.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and (action in ('logging.event.list', 'logging.query.start', 'logging.log.export')
    or (action in ('storage.object.get', 'storage.object.list', 'storage.object.copy', 'storage.object.delete', 'storage.object.put')
      and $bucket <> '' and (strpos(lower(target_id), lower($bucket)) > 0 or strpos(lower(target_name), lower($bucket)) > 0)))
order by time, uid
