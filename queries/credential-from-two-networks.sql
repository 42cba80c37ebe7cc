-- title: One credential, two networks
-- question: Which keys, tokens and credentials were used from networks that have nothing to do with each other?
-- group: cross-cloud
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1528 T1552 T1078.004
-- controls: soc2:CC6.1 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Services that run in several regions with one key; people who travel; IPv4 and IPv6 of one place.
-- portable: yes
with uses as (
  select actor_credential, actor_name, cloud, src_ip, time,
    case when strpos(src_ip, ':') > 0
      then concat(split_part(src_ip, ':', 1), ':', coalesce(split_part(src_ip, ':', 2), ''))
      else concat(split_part(src_ip, '.', 1), '.', coalesce(split_part(src_ip, '.', 2), '')) end as network
  from events
  where time >= $since and time < $until
    and actor_credential is not null and src_ip is not null and status is distinct from 'failure'
)
select actor_credential, cloud, count(distinct network) as networks, count(*) as events,
  array_agg(distinct src_ip order by src_ip) as addresses,
  array_agg(distinct actor_name order by actor_name) filter (where actor_name is not null) as names,
  min(time) as first_seen, max(time) as last_seen
from uses
group by actor_credential, cloud
having count(distinct network) > 1
order by networks desc, events desc, actor_credential, cloud
