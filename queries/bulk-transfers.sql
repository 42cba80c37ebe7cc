-- title: Large transfers by source address
-- question: Which addresses sent a lot of data to which others?
-- group: data
-- param: bytes integer '10000000' | At least so many bytes altogether; 10 MB if not given
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- attack: T1048 T1567 T1030
-- controls: soc2:CC6.7 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Backups, deployments and replication; a flow that several interfaces record counts for each.
-- portable: yes
select src_ip, dst_ip, dst_port, sum(coalesce(bytes_out, bytes)) as sent_bytes, count(*) as flow_records,
  min(time) as first_seen, max(coalesce(end_time, time)) as last_seen
from flows
where time >= $since and time < $until
  and action is distinct from 'reject' and src_ip is not null
group by src_ip, dst_ip, dst_port
having sum(coalesce(bytes_out, bytes)) >= $bytes
order by sent_bytes desc, src_ip, dst_ip, dst_port
