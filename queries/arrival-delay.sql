-- title: How late logs arrive
-- question: How long after the last record in it did each source's files arrive?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: evidence
-- controls: pci:10.3.3 soc2:CC7.2 iso27001:A.8.15
-- false-positives: Archives that were collected long after the fact.
-- portable: yes
select source, count(*) as bodies,
  min(date_diff('minute', date_trunc('minute', last_time), date_trunc('minute', received_at))) as least_minutes,
  round(avg(date_diff('minute', date_trunc('minute', last_time), date_trunc('minute', received_at)))) as average_minutes,
  max(date_diff('minute', date_trunc('minute', last_time), date_trunc('minute', received_at))) as most_minutes
from evidence
where received_at >= $since and received_at < $until and last_time is not null
group by source
order by average_minutes desc, source
