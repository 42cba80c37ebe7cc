-- title: Encryption weakened
-- question: Who switched off encryption by default, stopped the yearly change of keys or changed how databases are encrypted?
-- group: data
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1600 T1486
-- controls: soc2:CC6.1 soc2:CC6.7 iso27001:A.8.16
-- false-positives: A key that is replaced by a better one; read the request.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'database.encryption.update', 'kms.default_encryption.disable', 'kms.key_access.update',
    'kms.key_rotation.disable', 'logging.log_store.encrypt', 'storage.bucket_encryption.delete',
    'storage.bucket_encryption.update'
  )
order by time, uid
