-- title: Changes by domain, and before
-- question: How much was changed in each domain (identities, network, storage and others), by how many, and how was it before?
-- group: operations
-- param: before time '1970-01-01T00:00:00Z' | Compared with the time from here until since
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- controls: soc2:CC8.1 soc2:CC7.2 iso27001:A.8.15
-- false-positives: Writing data, such as putting an object, is a change of its domain too; sources that do not say whether a request only read are left out.
-- portable: yes
with totals as (
  select split_part(action, '.', 1) as domain,
    count(*) filter (where time >= $since) as changes,
    count(*) filter (where time >= $since and status = 'failure') as failures,
    count(distinct actor_name) filter (where time >= $since) as actors,
    count(*) filter (where time < $since) as changes_before
  from events
  where time >= $before and time < $until
    and read_only = false and action is not null
  group by split_part(action, '.', 1)
)
select domain, changes, failures, actors, changes_before
from totals
where changes > 0
order by changes desc, domain
