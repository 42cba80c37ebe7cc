-- title: Commands in remote sessions
-- question: Who typed what in recorded sessions, on which machine?
-- group: commands
-- param: user text '' | Part of the user's name; empty for everybody
-- param: host text '' | Part of the host's name; empty for all
-- param: command text '' | Part of the command; empty for all
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events evidence
-- attack: T1059.004 T1651
-- controls: pci:10.2.1.2 iso27001:A.8.15
-- false-positives: Pasted text and answers to prompts look like commands; what a program is typed into is in the output only.
-- portable: yes
select coalesce(e.time, b.first_time) as time, e.actor_name, coalesce(e.dst_host, e.target_name) as host, e.command, e.actor_session, b.origin
from events e left join evidence b on b.sha256 = e.evidence
where coalesce(e.time, b.first_time) >= $since and coalesce(e.time, b.first_time) < $until
  and e.action = 'host.shell.execute'
  -- some transcripts name their person in the file's name alone
  and (($user = '' or strpos(lower(e.actor_name), lower($user)) > 0) or ($user = '' or strpos(lower(e.actor_session), lower($user)) > 0) or ($user = '' or strpos(lower(b.origin), lower($user)) > 0))
  and ($host = '' or strpos(lower(coalesce(e.dst_host, e.target_name)), lower($host)) > 0) and ($command = '' or strpos(lower(e.command), lower($command)) > 0)
order by 1, e.uid
