-- title: Sources that fell silent
-- question: Which sources and accounts stopped sending while others went on?
-- group: operations
-- param: hours integer '24' | Silent for so many hours before the newest record of all
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events flows
-- attack: T1562.008
-- controls: pci:10.2.1 pci:10.7.2 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Regions and accounts in which little happens; one record of the future makes all others look silent (see clocks-ahead).
-- portable: yes
with streams as (
  select source, account, region, count(*) as records, max(time) as last_seen
  from events where time >= $since and time < $until group by source, account, region
  union all
  select source, account, region, count(*) as records, max(time) as last_seen
  from flows where time >= $since and time < $until group by source, account, region
), ages as (
  select *, max(last_seen) over () as newest
  from streams
)
select source, account, region, records, last_seen, date_diff('hour', date_trunc('hour', last_seen), date_trunc('hour', newest)) as hours_silent
from ages
where last_seen < newest - $hours * interval '1' hour
order by hours_silent desc, source, account, region
