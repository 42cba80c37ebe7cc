-- title: Audit logs stopped
-- question: Who stopped or deleted a trail, a diagnostic setting or a sink?
-- group: logging
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1562.008
-- controls: pci:10.2.1.6 soc2:CC7.2 iso27001:A.8.15
-- false-positives: Planned changes by the platform team; check against the change record.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'logging.subscription.delete', 'logging.trail.delete', 'logging.trail.stop'
  )
order by time, uid
