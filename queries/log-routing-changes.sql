-- title: Trails, diagnostic settings and sinks changed
-- question: Who changed where audit logs go, or added a place that they go to?
-- group: logging
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1562.008 T1537
-- controls: pci:10.2.1.6 soc2:CC7.2 iso27001:A.8.15
-- false-positives: Planned changes by the platform team; check against the change record.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'detection.export.delete', 'detection.export.update', 'logging.agent_rule.update',
    'logging.archive.update', 'logging.event_hub.delete', 'logging.event_hub_rule.create',
    'logging.event_hub_rule.delete', 'logging.log_view.update', 'logging.resource_policy.update',
    'logging.settings.update', 'logging.subscription.create', 'logging.subscription.delete',
    'logging.trail.create', 'logging.trail.start', 'logging.trail.update', 'logging.trail_delegation.update'
  )
order by time, uid
