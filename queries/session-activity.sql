-- title: Everything in one session or with one credential
-- question: What was done in this session, with this key or under this correlation id?
-- group: who
-- param: session text | Session name or id, access key id, or correlation id, in full
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1550.001
-- controls: pci:10.2.1.2 iso27001:A.8.15
-- false-positives: Session names that people choose themselves may repeat.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name, user_agent
from events
where time >= $since and time < $until
  and $session in (actor_session, actor_credential, correlation_id)
order by time, uid
