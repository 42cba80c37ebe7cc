-- title: What is at hand of the last months
-- question: How many events of each of the last months can be read at once, by source?
-- group: operations
-- param: months integer '3' | So many months before the end
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- controls: pci:10.5.1 iso27001:A.8.15
-- false-positives: A source that was switched on later has no earlier months.
-- portable: yes
select date_trunc('month', time) as month, source, count(*) as events, min(time) as first_time, max(time) as last_time
from events
where time >= $until - $months * interval '1' month and time < $until
group by date_trunc('month', time), source
order by month, source
