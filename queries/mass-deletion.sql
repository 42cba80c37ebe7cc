-- title: Many deletions by one actor
-- question: Who deleted a lot, of what, and within what time?
-- group: data
-- param: least integer '50' | So many deletions
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1485 T1070
-- controls: soc2:CC7.2 iso27001:A.8.16
-- false-positives: Clean-up jobs and autoscaling.
-- portable: yes
select actor_name, src_ip, cloud, action, count(*) as deletions, min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and (action like '%.delete' or action like '%.terminate' or action like '%.remove')
  and status is distinct from 'failure' and read_only is distinct from true
group by actor_name, src_ip, cloud, action
having count(*) >= $least
order by deletions desc, actor_name, src_ip, cloud, action
