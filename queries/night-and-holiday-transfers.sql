-- title: Large transfers at night, on weekends and on holidays
-- question: Which addresses sent a lot of data outside working hours, and on which days?
-- group: data
-- param: bytes integer '10000000' | At least so many bytes in one night or day; 10 MB if not given
-- param: offset integer '0' | Hours that local time is ahead of UTC, such as 9 for Japan
-- param: day_starts integer '7' | Working hours start at this hour
-- param: day_ends integer '20' | Working hours end at this hour
-- param: holidays text '' | Holidays, such as 2024-01-01,2024-02-12, without spaces
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- attack: T1029 T1048
-- controls: soc2:CC6.7 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Backups, which run at night for good reason.
-- portable: yes
select cast(time + $offset * interval '1' hour as date) as day, src_ip, dst_ip, sum(coalesce(bytes_out, bytes)) as sent_bytes,
  min(time) as first_seen, max(coalesce(end_time, time)) as last_seen
from flows
where time >= $since and time < $until
  and action is distinct from 'reject' and src_ip is not null
  and (extract(hour from time + $offset * interval '1' hour) < $day_starts or extract(hour from time + $offset * interval '1' hour) >= $day_ends
    -- days since a Monday
    or date_diff('day', date '1970-01-05', cast(time + $offset * interval '1' hour as date)) % 7 >= 5
    or strpos(',' || $holidays || ',', ',' || cast(cast(time + $offset * interval '1' hour as date) as varchar) || ',') > 0)
group by cast(time + $offset * interval '1' hour as date), src_ip, dst_ip
having sum(coalesce(bytes_out, bytes)) >= $bytes
order by day, sent_bytes desc, src_ip, dst_ip
