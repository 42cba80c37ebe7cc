-- title: Volume by source
-- question: How much came in from each source: files, bytes, records, and what became of them?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: evidence
-- controls: soc2:CC7.2 iso27001:A.8.15
-- false-positives: None: it counts.
-- portable: yes
select source, count(*) as bodies, sum(size) as bytes, sum(records) as records, sum(events) as events, sum(flows) as flows,
  sum(skipped) as skipped, sum(unreadable) as unreadable, min(first_time) as first_time, max(last_time) as last_time
from evidence
where received_at >= $since and received_at < $until
group by source
order by bytes desc, source
