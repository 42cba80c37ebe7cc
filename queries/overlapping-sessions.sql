-- title: One person from two addresses at once
-- question: Who acted from two addresses within minutes, faster than anybody travels?
-- group: sign-in
-- param: minutes integer '30' | Two addresses within so many minutes
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078.004 T1550
-- controls: soc2:CC7.2 iso27001:A.8.16
-- false-positives: A phone that changes networks; a VPN that hands out a new address; IPv4 and IPv6 of one place.
-- portable: yes
with steps as (
  select actor_name, src_ip, time,
    lag(src_ip) over (partition by actor_name order by time, uid) as other_ip,
    lag(time) over (partition by actor_name order by time, uid) as other_time
  from events
  where time >= $since and time < $until
    and actor_name is not null and src_ip is not null
    and actor_type in ('human', 'role_session', 'root') and status is distinct from 'failure'
)
select actor_name, other_ip as from_ip, src_ip as to_ip, count(*) as changes, min(time) as first_seen, max(time) as last_seen
from steps
where src_ip <> other_ip and other_time >= time - $minutes * interval '1' minute
group by actor_name, other_ip, src_ip
order by first_seen, actor_name, from_ip, to_ip
