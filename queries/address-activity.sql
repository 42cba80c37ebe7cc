-- title: Everything from one address
-- question: What was done from this address, as whom, and to what?
-- group: who
-- param: address text | The address as the logs write it
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078
-- controls: pci:10.2.1.2 iso27001:A.8.15
-- false-positives: Addresses that many people share (an office, a VPN, a NAT gateway).
-- portable: yes
select time, source, account, actor_name, action, status, target_name, user_agent
from events
where time >= $since and time < $until
  and src_ip = lower($address)
order by time, uid
