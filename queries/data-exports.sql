-- title: Data taken out as a whole
-- question: Who exported databases, tables, machines, images, logs or lists of people?
-- group: data
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1537 T1560
-- controls: soc2:CC6.7 iso27001:A.8.16
-- false-positives: Exports on a schedule; copies for other regions.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'compute.disk.export', 'compute.image.export', 'compute.instance.export', 'compute.snapshot.copy',
    'compute.snapshot.export', 'data.table.export', 'database.instance.export', 'database.migration.start',
    'database.snapshot.copy', 'directory.report.export', 'logging.log.export', 'secrets.secret.export',
    'storage.bucket_replication.update', 'storage.data_export.create', 'storage.device_export.create',
    'storage.transfer.start'
  )
order by time, uid
