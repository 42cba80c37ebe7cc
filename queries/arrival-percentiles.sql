-- title: How soon logs are in safe keeping
-- question: How many seconds pass between the last record of a body and the moment it is stored: at the least, in half of all cases, in 95 and in 99 of 100?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: evidence
-- controls: pci:10.3.3 pci:10.6.1 iso27001:A.8.15 iso27001:A.8.17
-- false-positives: Archives that were collected long after the fact; a clock that runs ahead makes the least negative.
-- portable: no
select source, count(*) as bodies,
  min(date_diff('second', last_time, received_at)) as least_seconds,
  quantile_disc(date_diff('second', last_time, received_at), 0.5) as p50_seconds,
  quantile_disc(date_diff('second', last_time, received_at), 0.95) as p95_seconds,
  quantile_disc(date_diff('second', last_time, received_at), 0.99) as p99_seconds,
  count(*) filter (where last_time > received_at) as ahead
from evidence
where last_time >= $since and last_time < $until and role is distinct from 'digest'
group by source
order by source
