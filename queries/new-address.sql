-- title: A known actor from an address never seen with them
-- question: Who acted from an address that they had not used in the weeks before?
-- group: sign-in
-- param: since time | New from this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- param: days integer '90' | So many days before count as known
-- tables: events
-- attack: T1078.004
-- controls: soc2:CC7.2 iso27001:A.8.16
-- false-positives: Travel, a new office, addresses that providers hand out anew each day.
-- portable: yes
with pairs as (
  select actor_name, src_ip, min(time) as first_seen, max(time) as last_seen, count(*) as events,
    count(*) filter (where read_only = false) as changes
  from events
  where time >= $since - $days * interval '1' day and time < $until
    and actor_name is not null and src_ip is not null and status is distinct from 'failure'
  group by actor_name, src_ip
), known as (
  select *, min(first_seen) over (partition by actor_name) as actor_first_seen
  from pairs
)
select actor_name, src_ip, first_seen, last_seen, events, changes
from known
where first_seen >= $since and actor_first_seen < $since
order by first_seen, actor_name, src_ip
