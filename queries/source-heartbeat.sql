-- title: Which sources are alive
-- question: What sends logs at all: since when, until when, and in how many hours was something missing?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: coverage
-- controls: pci:10.2.1 pci:10.7.2 soc2:CC7.2 iso27001:A.8.15
-- false-positives: A component that never sent anything is not in it: compare with the list of what should.
-- portable: yes
select source, account, region, sum(records) as records, min(time) filter (where records > 0) as first_hour, max(end_time) filter (where records > 0) as last_hour_end,
  sum(hours) as hours, sum(case when verdict in ('pending', 'unknown') then hours else 0 end) as not_certain,
  sum(case when verdict = 'silent' then hours else 0 end) as silent, sum(case when verdict = 'gap' then hours else 0 end) as gaps
from coverage
where time >= $since and time < $until
group by source, account, region
order by source, account, region
