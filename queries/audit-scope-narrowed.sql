-- title: What is recorded or kept was narrowed
-- question: Who changed which events are recorded, left some out, or shortened how long logs are kept?
-- group: logging
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1562.008
-- controls: pci:10.2.1.6 soc2:CC7.2 iso27001:A.8.15
-- false-positives: Changes that widen what is recorded look the same; read the request.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'ai.logging.delete', 'database.audit.stop', 'database.audit.update', 'directory.directory_log.update',
    'logging.audit_config.update', 'logging.event_selector.set', 'logging.exclusion.create',
    'logging.exclusion.update', 'logging.metric_filter.delete', 'logging.retention.update',
    'messaging.mailbox_audit.update', 'storage.bucket_logging.update'
  )
order by time, uid
