-- title: Network traffic by day and source
-- question: How many flow records each day, how many bytes were sent, and how many were turned away?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- controls: soc2:CC6.6 soc2:CC7.2 iso27001:A.8.16
-- false-positives: None: it counts. A flow that several interfaces record counts for each.
-- portable: yes
select cast(time as date) as day, source, count(*) as flow_records,
  coalesce(sum(coalesce(bytes_out, bytes)) filter (where action is distinct from 'reject'), 0) as sent_bytes,
  count(*) filter (where action = 'reject') as rejected
from flows
where time >= $since and time < $until
group by cast(time as date), source
order by day, source
