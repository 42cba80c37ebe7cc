-- title: One address, one port, many hosts
-- question: Which addresses tried the same port on many addresses?
-- group: network
-- param: least integer '20' | So many different addresses
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- attack: T1046 T1018
-- controls: soc2:CC6.6 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Resolvers, web crawlers, monitoring and load balancers.
-- portable: yes
select src_ip, dst_port, count(distinct dst_ip) as destinations,
  count(distinct dst_ip) filter (where action = 'reject') as rejected, min(time) as first_seen, max(time) as last_seen
from flows
where time >= $since and time < $until
  and src_ip is not null and dst_ip is not null and dst_port is not null
  and (dst_port < 32768 or action = 'reject')
group by src_ip, dst_port
having count(distinct dst_ip) >= $least
order by destinations desc, src_ip, dst_port
