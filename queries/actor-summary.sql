-- title: Every actor at a glance
-- question: Who was active at all: since when, where, from how many addresses, with how many changes and failures?
-- group: who
-- param: who text '' | Part of the name; empty for everybody
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- controls: pci:10.2.1.2 soc2:CC6.2 iso27001:A.8.15
-- false-positives: One person under several names counts as several.
-- portable: yes
select actor_name, actor_type, count(*) as events,
  count(*) filter (where read_only = false) as changes,
  count(*) filter (where status = 'failure') as failures,
  count(distinct src_ip) as addresses,
  array_agg(distinct source order by source) as sources,
  min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and actor_name is not null and ($who = '' or strpos(lower(actor_name), lower($who)) > 0)
group by actor_name, actor_type
order by events desc, actor_name, actor_type
