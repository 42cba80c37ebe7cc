-- title: Encryption keys deleted or disabled
-- question: Who deleted, disabled or scheduled the end of encryption keys, so that data can no longer be read?
-- group: data
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1485 T1486
-- controls: soc2:CC7.2 soc2:CC8.1 iso27001:A.8.16
-- false-positives: Keys of systems that are taken down.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'kms.deleted_key.delete', 'kms.deleted_key_store.delete', 'kms.grant.revoke', 'kms.key.delete',
    'kms.key.disable', 'kms.key_alias.delete', 'kms.key_material.delete', 'kms.key_store.delete',
    'secrets.deleted_secret.delete', 'secrets.secret.delete', 'secrets.secret_version.delete'
  )
order by time, uid
