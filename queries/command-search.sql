-- title: A command anywhere
-- question: Where was this command run: with sudo, in a session, by cron, in a pod or from the cloud's side?
-- group: commands
-- param: command text | Part of the command
-- param: user text '' | Part of the user's name; empty for everybody
-- param: host text '' | Part of the host's name; empty for all
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events evidence
-- attack: T1059
-- controls: pci:10.2.1.2 soc2:CC7.3 iso27001:A.8.15
-- false-positives: The text in another command.
-- portable: yes
select coalesce(e.time, b.first_time) as time, e.source, e.actor_name, coalesce(e.dst_host, e.target_name) as host, e.action, e.status, e.command
from events e left join evidence b on b.sha256 = e.evidence
where coalesce(e.time, b.first_time) >= $since and coalesce(e.time, b.first_time) < $until
  and strpos(lower(e.command), lower($command)) > 0
  and ($user = '' or strpos(lower(e.actor_name), lower($user)) > 0) and ($host = '' or strpos(lower(coalesce(e.dst_host, e.target_name)), lower($host)) > 0)
order by 1, e.uid
