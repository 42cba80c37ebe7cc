-- title: Accounts that came back after a long silence
-- question: Who acted again after weeks without a trace?
-- group: sign-in
-- param: days integer '30' | So many days without a trace
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078
-- controls: soc2:CC6.2 iso27001:A.8.16
-- false-positives: Holidays and leave; a gap in the logs themselves (see coverage-gaps).
-- portable: yes
with days as (
  select actor_name, min(time) as first_time, max(time) as last_time
  from events
  where time >= $since and time < $until
    and actor_name is not null and actor_type in ('human', 'role_session', 'root')
  group by actor_name, date_trunc('day', time)
), silences as (
  select actor_name, first_time, lag(last_time) over (partition by actor_name order by first_time) as last_seen_before
  from days
), steps as (
  select uid, time, cloud, actor_name, src_ip, action, status,
    lag(time) over (partition by actor_name order by time, uid) as last_seen_before
  from events
  where time >= $since and time < $until
    and actor_name is not null and actor_type in ('human', 'role_session', 'root')
    -- Of most people every day's first event tells that there was no such silence, and their events need no sorting.
    and ($days < 1 or actor_name in (
      select actor_name from silences where last_seen_before <= first_time - $days * interval '1' day))
)
select time, cloud, actor_name, src_ip, action, status, last_seen_before,
  date_diff('day', date_trunc('day', last_seen_before), date_trunc('day', time)) as days_silent
from steps
where last_seen_before <= time - $days * interval '1' day
order by time, uid
