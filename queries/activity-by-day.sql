-- title: Activity by day and source
-- question: How much was recorded each day from each source, how much of it failed, changed something or was a sign-in?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- controls: soc2:CC7.2 iso27001:A.8.15 iso27001:A.8.16
-- false-positives: None: it counts. Days are of UTC, by the time of the event and not of its arrival.
-- portable: yes
select cast(time as date) as day, source, count(*) as events,
  count(*) filter (where status = 'failure') as failures,
  count(*) filter (where read_only = false) as changes,
  count(*) filter (where class = 'Authentication' and status = 'success') as sign_ins,
  count(*) filter (where class = 'Authentication' and status = 'failure') as failed_sign_ins
from events
where time >= $since and time < $until
group by cast(time as date), source
order by day, source
