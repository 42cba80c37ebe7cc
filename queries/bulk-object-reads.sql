-- title: Many objects read
-- question: Who read many objects from storage, from where, and out of how many places?
-- group: data
-- param: least integer '100' | So many reads
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1530 T1213
-- controls: pci:10.2.1.1 soc2:CC6.7 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Programs that process whole buckets; reads are only logged where data events are switched on.
-- portable: yes
select actor_name, src_ip, cloud, count(*) as reads, count(distinct coalesce(target_id, target_name, request)) as objects,
  min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and action in ('storage.object.get', 'storage.object.copy', 'storage.document.get', 'storage.archive.get', 'database.item.get')
  and status is distinct from 'failure'
group by actor_name, src_ip, cloud
having count(*) >= $least
order by reads desc, actor_name, src_ip, cloud
