-- title: Every sign-in
-- question: Who signed in or tried to, when, from where, with a second factor or without?
-- group: sign-in
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078
-- controls: pci:10.2.1.2 soc2:CC6.1 iso27001:A.8.15
-- false-positives: None: it lists. Tokens that services renew are sign-ins in some clouds.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, mfa
from events
where time >= $since and time < $until
  and (class = 'Authentication' or action in ('host.ssh.login', 'host.console.login'))
order by time, uid
