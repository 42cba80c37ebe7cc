-- title: Commonest failures, and before
-- question: What failed most, with which error, for how many actors, and how was it in the time before?
-- group: operations
-- param: before time '1970-01-01T00:00:00Z' | Compared with the time from here until since
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- param: most integer '20' | So many of them
-- tables: events
-- controls: pci:10.2.1.4 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Programs that try first and ask later; consoles that try what the person may not see.
-- portable: yes
with totals as (
  select action, error_code, source,
    count(*) filter (where time >= $since) as failures,
    count(distinct actor_name) filter (where time >= $since) as actors,
    count(*) filter (where time < $since) as failures_before
  from events
  where time >= $before and time < $until
    and status = 'failure'
  group by action, error_code, source
), ranked as (
  select *, row_number() over (order by failures desc, action, error_code, source) as place
  from totals
)
select place, action, error_code, source, failures, actors, failures_before
from ranked
where failures > 0 and place <= $most
order by place
