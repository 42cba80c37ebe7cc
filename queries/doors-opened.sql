-- title: Ways in from outside
-- question: Who made public addresses, gateways, peerings, VPNs, bastions or serial consoles?
-- group: exposure
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1133 T1562.007
-- controls: pci:10.2.1.7 soc2:CC6.6 soc2:CC8.1 iso27001:A.8.16
-- false-positives: Planned changes by the platform team; check against the change record.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'compute.serial_console.enable', 'network.address.attach', 'network.address.create',
    'network.bastion.create', 'network.bastion_link.create', 'network.client_vpn.create',
    'network.gateway.attach', 'network.gateway.create', 'network.iap.update', 'network.load_balancer.create',
    'network.peering.accept', 'network.peering.create', 'network.vpn.create', 'storage.account_network.update',
    'storage.transfer_server.create'
  )
order by time, uid
