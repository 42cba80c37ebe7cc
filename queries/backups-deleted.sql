-- title: Backups deleted or loosened
-- question: Who deleted backups, snapshots and recovery points, or what protects them?
-- group: data
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1490 T1485
-- controls: soc2:CC7.2 iso27001:A.8.16
-- false-positives: Snapshots that age out by rule.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'backup.plan.delete', 'backup.plan.update', 'backup.protection.delete', 'backup.recovery_point.delete',
    'backup.replication.stop', 'backup.vault.delete', 'backup.vault.update', 'backup.vault_lock.delete',
    'compute.recycle_rule.update', 'compute.restore_point.delete', 'compute.snapshot.delete',
    'compute.snapshot.unlock', 'compute.snapshot_schedule.delete', 'database.snapshot.delete',
    'org.lock.delete', 'storage.bucket_versioning.update', 'storage.retention.delete',
    'storage.retention.update'
  )
order by time, uid
