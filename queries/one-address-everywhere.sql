-- title: One address in more than one cloud
-- question: Which addresses acted in more than one cloud or on more than one kind of log, and as whom?
-- group: cross-cloud
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078.004
-- controls: soc2:CC7.2 iso27001:A.8.16
-- false-positives: Office and VPN gateways; known ones can be left out of the result.
-- portable: yes
select src_ip,
  count(*) as events,
  array_agg(distinct source order by source) as sources,
  array_agg(distinct actor_name order by actor_name) filter (where actor_name is not null) as names,
  min(time) as first_seen,
  max(time) as last_seen
from events
where time >= $since and time < $until and src_ip is not null
group by src_ip
having count(distinct source) > 1
order by count(distinct source) desc, events desc, src_ip
