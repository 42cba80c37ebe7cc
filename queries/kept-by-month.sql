-- title: What is kept of each month, and until when
-- question: Is every month there, and how long is it locked?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: evidence
-- controls: pci:10.5.1 soc2:CC7.2 iso27001:A.8.15
-- false-positives: A source that was switched on later has no earlier months.
-- portable: yes
select date_trunc('month', first_time) as month, source, count(*) as bodies, sum(size) as bytes, sum(records) as records,
  min(retain_until) as first_retain_until, count(*) filter (where retain_until is null) as without_retention
from evidence
where first_time >= $since and first_time < $until and role is distinct from 'digest'
group by date_trunc('month', first_time), source
order by month, source
