-- title: How long audit logs stood still
-- question: When was each audit log stopped, when was it started again, and by whom?
-- group: logging
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1562.008
-- controls: pci:10.2.1.6 soc2:CC7.2 iso27001:A.8.15
-- false-positives: A log that was replaced by another under a new name shows as never started again.
-- portable: yes
with steps as (
  select time, uid, cloud, account, target_name, action, actor_name,
    lead(action) over (partition by cloud, account, target_name order by time, uid) as next_action,
    lead(time) over (partition by cloud, account, target_name order by time, uid) as next_time,
    lead(actor_name) over (partition by cloud, account, target_name order by time, uid) as next_actor
  from events
  where time >= $since and time < $until
    and action in ('logging.trail.stop', 'logging.trail.delete', 'logging.trail.start', 'logging.trail.create')
    and status is distinct from 'failure'
)
select time as stopped_at, cloud, account, target_name, actor_name as stopped_by,
  case when next_action in ('logging.trail.start', 'logging.trail.create') then next_time end as started_at,
  case when next_action in ('logging.trail.start', 'logging.trail.create') then next_actor end as started_by,
  case when next_action in ('logging.trail.start', 'logging.trail.create') then date_diff('minute', date_trunc('minute', time), date_trunc('minute', next_time)) end as minutes
from steps
where action in ('logging.trail.stop', 'logging.trail.delete')
order by time, uid
