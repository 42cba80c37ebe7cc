-- title: Secrets read
-- question: Who read passwords, keys and other secrets, from where, and did they get them?
-- group: data
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1555.006 T1552
-- controls: pci:10.2.1.1 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Programs that read their own secrets at every start.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in ('secrets.secret.get', 'secrets.secret_batch.get', 'secrets.secret.export', 'secrets.parameter.get', 'secrets.config_store_key.list',
    'secrets.service_key.list', 'iam.api_key.get', 'iam.device_key.get', 'kms.certificate.export', 'kms.key.export', 'storage.account_key.list',
    'database.key.list', 'compute.instance_password.get', 'network.vpn_secret.get', 'logging.workspace_key.list')
order by time, uid
