-- title: Commands run as another user
-- question: Who ran what with sudo, su, doas or pkexec, on which host, and was it allowed?
-- group: commands
-- param: user text '' | Part of the user's name; empty for everybody
-- param: host text '' | Part of the host's name; empty for all
-- param: command text '' | Part of the command; empty for all
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1548.003
-- controls: pci:10.2.1.2 iso27001:A.8.15
-- false-positives: Automation that works through sudo.
-- portable: yes
select time, actor_name, dst_host, target_name as as_user, command, status
from events
where time >= $since and time < $until
  and action in ('host.command.execute', 'host.user.assume')
  and ($user = '' or strpos(lower(actor_name), lower($user)) > 0) and ($host = '' or strpos(lower(dst_host), lower($host)) > 0) and ($command = '' or strpos(lower(command), lower($command)) > 0)
order by time, uid
