-- title: Many failed sign-ins to one account in a short time
-- question: Which accounts had a burst of failed sign-ins, from how many addresses?
-- group: sign-in
-- param: least integer '5' | So many failures
-- param: minutes integer '10' | Within so many minutes
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1110.001
-- controls: pci:10.2.1.4 soc2:CC7.2 iso27001:A.8.16
-- false-positives: A program with an old password; a person who forgot one.
-- portable: yes
with failed as (
  select actor_name, src_ip, source, time,
    lag(time, cast($least as integer) - 1) over (partition by actor_name order by time, uid) as burst_start
  from events
  where time >= $since and time < $until
    and class = 'Authentication' and status = 'failure' and actor_name is not null
)
select actor_name, min(burst_start) as first_failure, max(time) as last_failure,
  count(distinct src_ip) as addresses, array_agg(distinct source order by source) as sources
from failed
where burst_start >= time - $minutes * interval '1' minute
group by actor_name
order by first_failure, actor_name
