-- title: Requests by nobody in particular
-- question: What did callers without any identity get answered?
-- group: sign-in
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1190 T1530
-- controls: pci:10.2.1.4 soc2:CC6.1 iso27001:A.8.16
-- false-positives: Public web sites served from storage; health checks of clusters.
-- portable: yes
select src_ip, cloud, action, target_name, count(*) as events, min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and actor_type = 'anonymous' and status is distinct from 'failure'
group by src_ip, cloud, action, target_name
order by events desc, src_ip, cloud, action, target_name
