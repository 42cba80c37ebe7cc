-- title: Logins over SSH
-- question: Who logged in to which host over SSH, from where?
-- group: commands
-- param: user text '' | Part of the user's name; empty for everybody
-- param: host text '' | Part of the host's name; empty for all
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1021.004
-- controls: pci:10.2.1.2 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Automation that logs in with keys.
-- portable: yes
select time, actor_name, dst_host, src_ip, actor_credential, actor_on_behalf_of
from events
where time >= $since and time < $until
  and action = 'host.ssh.login' and status = 'success'
  and ($user = '' or strpos(lower(actor_name), lower($user)) > 0) and ($host = '' or strpos(lower(dst_host), lower($host)) > 0)
order by time, uid
