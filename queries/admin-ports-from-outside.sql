-- title: Remote administration from the internet
-- question: Which outside addresses reached ports that machines are administered through?
-- group: network
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- attack: T1133 T1021
-- controls: soc2:CC6.6 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Bastions that people are meant to use; a connection that opened and was closed at once.
-- portable: yes
select src_ip, dst_ip, dst_port, count(*) as flow_records, sum(bytes) as bytes, min(time) as first_seen, max(time) as last_seen
from flows
where time >= $since and time < $until
  and action is distinct from 'reject' and direction is distinct from 'egress'
  -- SSH, Telnet, RDP, WinRM, VNC, Docker, Kubernetes
  and dst_port in (22, 23, 2375, 2376, 3389, 5900, 5985, 5986, 6443, 10250)
  and src_ip is not null and not (src_ip like '10.%' or src_ip like '192.168.%' or src_ip like '127.%' or src_ip like '169.254.%'
    or (src_ip like '172.%' and try_cast(split_part(src_ip, '.', 2) as integer) between 16 and 31)
    or src_ip like 'fc%' or src_ip like 'fd%' or src_ip like 'fe80:%' or src_ip = '::1')
group by src_ip, dst_ip, dst_port
order by flow_records desc, src_ip, dst_ip, dst_port
