-- title: From one cloud to the next
-- question: Which addresses went on from one cloud to another within minutes, and as whom?
-- group: cross-cloud
-- param: minutes integer '60' | Within so many minutes
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078.004
-- controls: soc2:CC7.2 iso27001:A.8.16
-- false-positives: Platform engineers, and the gateways of their offices.
-- portable: yes
with steps as (
  select src_ip, time, cloud, actor_name,
    lag(cloud) over (partition by src_ip order by time, uid) as other_cloud,
    lag(actor_name) over (partition by src_ip order by time, uid) as other_name,
    lag(time) over (partition by src_ip order by time, uid) as other_time
  from events
  where time >= $since and time < $until
    and src_ip is not null and cloud is not null and status is distinct from 'failure'
    -- Of most addresses one cloud alone is known, and their events need no sorting.
    and src_ip in (
      select src_ip from events
      where time >= $since and time < $until and cloud is not null and status is distinct from 'failure'
      group by src_ip having min(cloud) <> max(cloud))
)
select src_ip, other_cloud as from_cloud, cloud as to_cloud, other_name as from_name, actor_name as to_name,
  count(*) as hops, min(time) as first_seen, max(time) as last_seen
from steps
where other_cloud <> cloud and other_time >= time - $minutes * interval '1' minute
group by src_ip, other_cloud, cloud, other_name, actor_name
order by first_seen, src_ip, from_cloud, to_cloud, from_name, to_name
