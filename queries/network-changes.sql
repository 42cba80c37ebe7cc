-- title: Networks changed
-- question: Who changed networks, routes, gateways, firewalls or name service?
-- group: network
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1562.007 T1599
-- controls: pci:10.2.1.7 soc2:CC6.6 soc2:CC8.1 iso27001:A.8.15
-- false-positives: Clusters and autoscaling attach interfaces and addresses all day.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and split_part(action, '.', 1) = 'network' and read_only = false
order by time, uid
