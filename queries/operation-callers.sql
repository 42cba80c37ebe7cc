-- title: Who called an operation
-- question: Who did this, under the common word or under the vendor's own name for it, and from where?
-- group: who
-- param: operation text | Part of the action (iam.access_key) or of the vendor's operation (CreateAccessKey)
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- controls: pci:10.2.1.2 iso27001:A.8.15
-- false-positives: Operations whose names contain the same text.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, operation, status, target_name
from events
where time >= $since and time < $until
  and (strpos(lower(action), lower($operation)) > 0 or strpos(lower(operation), lower($operation)) > 0)
order by time, uid
