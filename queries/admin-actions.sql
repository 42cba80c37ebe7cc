-- title: Changes made by people
-- question: What did people, role sessions and root change, leaving aside data they only wrote?
-- group: who
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- controls: pci:10.2.1.2 soc2:CC8.1 iso27001:A.8.15
-- false-positives: Role sessions of deployment pipelines; known ones stand out by name.
-- portable: yes
select time, cloud, account, actor_type, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and read_only = false
  and actor_type in ('human', 'role_session', 'root')
  and class is distinct from 'Datastore Activity'
order by time, uid
