-- title: One address, many ports
-- question: Which addresses tried many ports of one address?
-- group: network
-- param: least integer '20' | So many different ports
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- attack: T1046
-- controls: soc2:CC6.6 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Scanners of one's own security team; monitoring.
-- portable: yes
select src_ip, dst_ip, count(distinct dst_port) as ports,
  count(distinct dst_port) filter (where action = 'reject') as rejected_ports, min(time) as first_seen, max(time) as last_seen
from flows
where time >= $since and time < $until
  and src_ip is not null and dst_ip is not null and dst_port is not null
  -- answers go back to high ports
  and (dst_port < 32768 or action = 'reject')
group by src_ip, dst_ip
having count(distinct dst_port) >= $least
order by ports desc, src_ip, dst_ip
