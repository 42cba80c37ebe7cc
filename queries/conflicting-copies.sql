-- title: Events whose copies disagree
-- question: Which events came in more than once with different content?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1565.001
-- controls: pci:10.3.2 iso27001:A.8.15
-- false-positives: Providers that send an event again with more in it.
-- portable: yes
select time, source, uid, account, actor_name, src_ip, action, status, target_name, evidence
from events
where (time is null or (time >= $since and time < $until))
  and conflict = true
order by time, uid, evidence
