-- title: Rejected traffic from outside
-- question: Which outside addresses were turned away most, at how many addresses and ports?
-- group: network
-- param: least integer '1' | So many flow records
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- attack: T1595
-- controls: soc2:CC6.6 soc2:CC7.2 iso27001:A.8.16
-- false-positives: The internet scans every address all day. Google Cloud logs rejections with its firewall rules, not with its flows.
-- portable: yes
select src_ip, count(*) as flow_records, count(distinct dst_ip) as destinations, count(distinct dst_port) as ports,
  min(time) as first_seen, max(time) as last_seen
from flows
where time >= $since and time < $until
  and action = 'reject' and direction is distinct from 'egress'
  and src_ip is not null and not (src_ip like '10.%' or src_ip like '192.168.%' or src_ip like '127.%' or src_ip like '169.254.%'
    or (src_ip like '172.%' and try_cast(split_part(src_ip, '.', 2) as integer) between 16 and 31)
    or src_ip like 'fc%' or src_ip like 'fd%' or src_ip like 'fe80:%' or src_ip = '::1')
group by src_ip
having count(*) >= $least
order by flow_records desc, src_ip
