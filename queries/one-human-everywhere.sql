-- title: One person in more than one cloud
-- question: Which people were active in more than one cloud or on hosts, under which names and from which addresses?
-- group: cross-cloud
-- param: who text '' | Part of the name; empty for everybody
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078.004
-- controls: pci:10.2.1.2 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Different people with the same name before the @.
-- portable: yes
select lower(split_part(actor_name, '@', 1)) as person, count(*) as events,
  array_agg(distinct source order by source) as sources, array_agg(distinct actor_name order by actor_name) as names,
  array_agg(distinct src_ip order by src_ip) filter (where src_ip is not null) as addresses,
  min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and actor_type in ('human', 'role_session') and actor_name is not null and ($who = '' or strpos(lower(actor_name), lower($who)) > 0)
group by lower(split_part(actor_name, '@', 1))
having count(distinct coalesce(cloud, source)) > 1
order by count(distinct coalesce(cloud, source)) desc, events desc, person
