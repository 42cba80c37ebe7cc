-- title: Every change to identities and credentials
-- question: Which changes to users, groups, credentials and permissions were made or tried, one by one?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1098
-- controls: pci:10.2.1.5 soc2:CC6.2 soc2:CC6.3 iso27001:A.8.15
-- false-positives: Synchronisation and provisioning systems that work all day.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and (action like 'iam.%' or class in ('Account Change', 'User Access Management', 'Group Management'))
  and read_only = false
order by time, uid
