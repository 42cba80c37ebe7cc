-- title: Large transfers to the internet
-- question: Which inside addresses sent a lot of data to addresses outside, however many of them?
-- group: data
-- param: bytes integer '10000000' | At least so many bytes altogether; 10 MB if not given
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- attack: T1048 T1567
-- controls: soc2:CC6.7 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Web servers that answer; updates and backups to services outside.
-- portable: yes
select src_ip, sum(coalesce(bytes_out, bytes)) as sent_bytes, count(distinct dst_ip) as destinations,
  min(time) as first_seen, max(coalesce(end_time, time)) as last_seen
from flows
where time >= $since and time < $until
  and action is distinct from 'reject'
  and (src_ip like '10.%' or src_ip like '192.168.%' or src_ip like '127.%' or src_ip like '169.254.%'
    or (src_ip like '172.%' and try_cast(split_part(src_ip, '.', 2) as integer) between 16 and 31)
    or src_ip like 'fc%' or src_ip like 'fd%' or src_ip like 'fe80:%' or src_ip = '::1')
  and dst_ip is not null and not (dst_ip like '10.%' or dst_ip like '192.168.%' or dst_ip like '127.%' or dst_ip like '169.254.%'
    or (dst_ip like '172.%' and try_cast(split_part(dst_ip, '.', 2) as integer) between 16 and 31)
    or dst_ip like 'fc%' or dst_ip like 'fd%' or dst_ip like 'fe80:%' or dst_ip = '::1')
group by src_ip
having sum(coalesce(bytes_out, bytes)) >= $bytes
order by sent_bytes desc, src_ip
