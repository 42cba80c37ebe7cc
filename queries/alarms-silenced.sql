-- title: Alarms silenced
-- question: Who deleted or disabled alarms, the rules that start them, or the people they reach?
-- group: logging
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1562.006
-- controls: pci:10.7.2 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Alarms that deployment pipelines replace.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'detection.action.update', 'detection.contact.update', 'logging.metric_filter.delete',
    'monitoring.alarm.delete', 'monitoring.alarm.disable', 'monitoring.event_rule.delete',
    'monitoring.event_rule.disable', 'monitoring.notification_channel.delete'
  )
order by time, uid
