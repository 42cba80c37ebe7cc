-- title: Keys and other long-lived credentials made, changed and removed
-- question: Who made, changed or removed keys, and for whom?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1098.001 T1098.004
-- controls: pci:10.2.1.5 soc2:CC6.2 iso27001:A.8.15
-- false-positives: Keys that are changed on a schedule.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'compute.key_pair.create', 'compute.key_pair.delete', 'compute.key_pair.import', 'database.key.rotate',
    'iam.access_key.create', 'iam.access_key.delete', 'iam.access_key.disable', 'iam.access_key.enable',
    'iam.access_key.update', 'iam.access_key.upload', 'iam.api_key.create', 'iam.api_key.delete',
    'iam.api_key.update', 'iam.service_credential.create', 'iam.service_credential.delete',
    'iam.service_credential.update', 'iam.signing_certificate.delete', 'iam.signing_certificate.update',
    'iam.ssh_public_key.delete', 'iam.ssh_public_key.update', 'secrets.service_key.rotate',
    'serverless.function_key.create', 'storage.account_key.rotate', 'storage.hmac_key.create',
    'storage.hmac_key.delete', 'storage.hmac_key.update'
  )
order by time, uid
