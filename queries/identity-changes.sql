-- title: All changes to identities
-- question: How often did each actor change identities, credentials and permissions, and which?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1098
-- controls: pci:10.2.1.5 soc2:CC6.2 iso27001:A.8.15
-- false-positives: Synchronisation and provisioning systems come first.
-- portable: yes
select actor_name, cloud, account, action, count(*) as events,
  count(*) filter (where status = 'failure') as failures, min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and (action like 'iam.%' or class in ('Account Change', 'User Access Management', 'Group Management'))
  and read_only = false
group by actor_name, cloud, account, action
order by events desc, actor_name, cloud, account, action
