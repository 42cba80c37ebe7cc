-- title: Destinations never seen before
-- question: Which outside addresses were reached for the first time, by whom, and with how much data?
-- group: network
-- param: since time | New from this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- param: days integer '30' | So many days before count as known
-- tables: flows
-- attack: T1041 T1567
-- controls: soc2:CC6.6 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Large services change their addresses all the time; all is new where nothing was collected before.
-- portable: yes
with pairs as (
  select dst_ip, min(time) as first_seen, max(time) as last_seen,
    count(distinct src_ip) as sources, sum(coalesce(bytes_out, bytes)) as sent_bytes, array_agg(distinct dst_port order by dst_port) as ports
  from flows
  where time >= $since - $days * interval '1' day and time < $until
    and action is distinct from 'reject' and direction is distinct from 'ingress'
    and dst_ip is not null and not (dst_ip like '10.%' or dst_ip like '192.168.%' or dst_ip like '127.%' or dst_ip like '169.254.%'
      or (dst_ip like '172.%' and try_cast(split_part(dst_ip, '.', 2) as integer) between 16 and 31)
      or dst_ip like 'fc%' or dst_ip like 'fd%' or dst_ip like 'fe80:%' or dst_ip = '::1')
  group by dst_ip
)
select dst_ip, first_seen, last_seen, sources, sent_bytes, ports
from pairs
where first_seen >= $since
order by sent_bytes desc, dst_ip
