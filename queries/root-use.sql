-- title: Use of root
-- question: What did root do: the owner of an AWS account, or root over SSH on a host?
-- group: sign-in
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078.004 T1078.003
-- controls: pci:10.2.1.2 soc2:CC6.1 iso27001:A.8.15
-- false-positives: The few tasks that only root may do; there should be a ticket for each.
-- portable: yes
select time, cloud, account, actor_name, src_ip, dst_host, action, status, mfa
from events
where time >= $since and time < $until
  and actor_type = 'root'
  and (cloud is not null or action in ('host.ssh.login', 'host.console.login', 'host.shell.execute'))
order by time, uid
