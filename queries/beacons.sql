-- title: Connections at even intervals
-- question: Which addresses called the same place again and again at nearly the same interval?
-- group: network
-- param: least integer '12' | So many connections
-- param: seconds integer '30' | At least so many seconds apart on average
-- param: spread integer '15' | The intervals differ from their average by at most so many per cent
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- attack: T1071 T1029
-- controls: soc2:CC6.6 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Updates, monitoring and clocks. Flow logs gather traffic in windows of one to ten minutes: a connection that never pauses looks even too.
-- portable: yes
with steps as (
  select src_ip, dst_ip, dst_port, time, bytes,
    date_diff('second', date_trunc('second', lag(time) over (partition by src_ip, dst_ip, dst_port order by time, uid)),
      date_trunc('second', time)) as gap
  from flows
  where time >= $since and time < $until
    and action is distinct from 'reject' and (flow_state is null or flow_state = 'begin')
    and src_ip is not null and dst_ip is not null and not (dst_ip like '10.%' or dst_ip like '192.168.%' or dst_ip like '127.%' or dst_ip like '169.254.%'
      or (dst_ip like '172.%' and try_cast(split_part(dst_ip, '.', 2) as integer) between 16 and 31)
      or dst_ip like 'fc%' or dst_ip like 'fd%' or dst_ip like 'fe80:%' or dst_ip = '::1')
)
select src_ip, dst_ip, dst_port, count(*) + 1 as connections, round(avg(gap)) as interval_seconds,
  round(100 * stddev_pop(gap) / avg(gap)) as spread_percent, min(time) as second_seen, max(time) as last_seen
from steps
where gap > 0
group by src_ip, dst_ip, dst_port
having count(*) + 1 >= $least and avg(gap) >= $seconds and 100 * stddev_pop(gap) <= $spread * avg(gap)
order by connections desc, src_ip, dst_ip, dst_port
