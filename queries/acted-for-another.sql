-- title: Who acted as whom
-- question: Which identities were used by somebody who stands behind them: roles, service accounts, impersonation?
-- group: who
-- param: who text '' | Part of the name behind; empty for everybody
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1550.001 T1078.004
-- controls: pci:10.2.1.2 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Services that act for the people who use them, as designed.
-- portable: yes
select actor_on_behalf_of, actor_name, cloud, count(*) as events,
  count(*) filter (where read_only = false) as changes,
  min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and actor_on_behalf_of is not null and actor_on_behalf_of is distinct from actor_name
  and ($who = '' or strpos(lower(actor_on_behalf_of), lower($who)) > 0)
group by actor_on_behalf_of, actor_name, cloud
order by events desc, actor_on_behalf_of, actor_name, cloud
