-- title: A sign-in that succeeded after failures
-- question: Who got in after several failures in a row from the same address?
-- group: sign-in
-- param: least integer '3' | So many failures since the last success
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1110 T1078
-- controls: pci:10.2.1.4 soc2:CC7.2 iso27001:A.8.16
-- false-positives: A person who mistyped a password several times.
-- portable: yes
with failing as (
  select actor_name, src_ip
  from events
  where time >= $since and time < $until and class = 'Authentication' and status = 'failure'
  group by actor_name, src_ip
  having count(*) >= $least
), counted as (
  select e.time, e.uid, e.cloud, e.actor_name, e.src_ip, e.status, e.mfa,
    sum(case when status = 'failure' then 1 else 0 end)
      over (partition by e.actor_name, e.src_ip order by e.time, e.uid rows unbounded preceding) as failures
  from events e join failing f on f.actor_name = e.actor_name and f.src_ip = e.src_ip
  where time >= $since and time < $until
    and class = 'Authentication' and e.actor_name is not null and e.src_ip is not null and status in ('success', 'failure')
), succeeded as (
  select *, failures - coalesce(lag(failures) over (partition by actor_name, src_ip order by time, uid), 0) as failures_before
  from counted
  where status = 'success'
)
select time, cloud, actor_name, src_ip, mfa, failures_before
from succeeded
where failures_before >= $least
order by time, uid
