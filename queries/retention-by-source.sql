-- title: How long each source is kept
-- question: How far back does each source reach, how long is it locked, and is anything locked for less than it should be?
-- group: operations
-- param: days integer '365' | Days after its last record for which a body should be locked
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: evidence
-- controls: pci:10.5.1 pci:10.3.2 iso27001:A.8.15
-- false-positives: A trial lake locks nothing or for a day, and says so here; a hold keeps more than this tells.
-- portable: yes
select source, count(*) as bodies, sum(size) as bytes, min(first_time) as oldest, max(last_time) as newest,
  min(retain_until) as first_retain_until, count(*) filter (where retain_until is null) as without_lock,
  count(*) filter (where retain_until is null or retain_until < coalesce(last_time, received_at) + $days * interval '1' day) as locked_too_short
from evidence
where received_at >= $since and received_at < $until and role is distinct from 'digest'
group by source
order by source
