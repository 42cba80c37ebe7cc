-- title: Gaps in what is held
-- question: Which hours of which sources are missing, silent or not yet certain?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: coverage
-- attack: T1562.008
-- controls: pci:10.2.1 pci:10.7.2 soc2:CC7.2 iso27001:A.8.15
-- false-positives: Silence of a source in which little happens.
-- portable: no
select time, end_time, hours, source, account, region, verdict, basis, expected, held, problem, detail
from coverage
where time >= $since and time < $until
  and verdict in ('gap', 'silent', 'unknown')
order by time, source, account, region, verdict
