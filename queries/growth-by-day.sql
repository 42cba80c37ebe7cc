-- title: Growth by day
-- question: How many bytes and records came in each day, and how large was the archive at its end?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: evidence
-- controls: iso27001:A.8.15
-- false-positives: The sum starts at the beginning of the period asked about.
-- portable: yes
with days as (
  select cast(received_at as date) as day, count(*) as bodies, sum(size) as bytes, sum(records) as records
  from evidence
  where received_at >= $since and received_at < $until
  group by cast(received_at as date)
)
select day, bodies, bytes, records, sum(bytes) over (order by day) as archive_bytes
from days
order by day
