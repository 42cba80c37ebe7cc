-- title: Busiest actors, and before
-- question: Who did most, with how many changes and failures, how many were active at all, and how was it in the time before?
-- group: operations
-- param: before time '1970-01-01T00:00:00Z' | Compared with the time from here until since
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- param: most integer '20' | So many of them
-- tables: events
-- controls: pci:10.2.1.2 soc2:CC6.2 soc2:CC7.2 iso27001:A.8.16
-- false-positives: One person under several names counts as several; a role that many use counts as one.
-- portable: yes
with totals as (
  select actor_name, actor_type,
    count(*) filter (where time >= $since) as events,
    count(*) filter (where time >= $since and read_only = false) as changes,
    count(*) filter (where time >= $since and status = 'failure') as failures,
    count(*) filter (where time < $since) as events_before
  from events
  where time >= $before and time < $until
    and actor_name is not null
  group by actor_name, actor_type
), ranked as (
  select *, row_number() over (order by events desc, actor_name, actor_type) as place,
    count(case when events > 0 then 1 end) over () as actors,
    count(case when events_before > 0 then 1 end) over () as actors_before,
    count(case when events > 0 and events_before = 0 then 1 end) over () as newcomers
  from totals
)
select place, actor_name, actor_type, events, changes, failures, events_before, actors, actors_before, newcomers
from ranked
where events > 0 and place <= $most
order by place
