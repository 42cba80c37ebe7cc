-- title: Stored logs deleted
-- question: Who deleted stored logs, log stores, or objects and rules of a bucket that keeps logs?
-- group: logging
-- param: store text 'log' | Part of the name of the buckets that keep logs
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1070 T1485
-- controls: pci:10.2.1.6 soc2:CC7.2 iso27001:A.8.15
-- false-positives: Retention rules that are put in force; buckets whose names contain the text by chance, such as catalogs.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and (action in ('logging.log.delete', 'logging.log_store.delete', 'logging.event_hub.delete')
    or (action in ('storage.object.delete', 'storage.bucket.delete', 'storage.bucket_lifecycle.update', 'storage.retention.delete',
        'storage.retention.update', 'storage.bucket_versioning.update')
      and (strpos(lower(target_id), lower($store)) > 0 or strpos(lower(target_name), lower($store)) > 0)))
order by time, uid
