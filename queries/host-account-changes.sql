-- title: Accounts changed on hosts
-- question: Who added, changed or removed users and groups on hosts?
-- group: commands
-- param: user text '' | Part of the user's name; empty for everybody
-- param: host text '' | Part of the host's name; empty for all
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1136.001 T1098
-- controls: pci:10.2.1.5 soc2:CC6.2 iso27001:A.8.15
-- false-positives: Packages that bring a user of their own.
-- portable: yes
select time, dst_host, actor_name, action, operation, status, target_name
from events
where time >= $since and time < $until
  and source = 'linux.auth' and action like 'iam.%'
  and ($host = '' or strpos(lower(dst_host), lower($host)) > 0) and ($user = '' or strpos(lower(target_name), lower($user)) > 0)
order by time, uid
