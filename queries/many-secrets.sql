-- title: Many different secrets read by one actor
-- question: Who gathered secrets: many different ones, in the period asked about?
-- group: data
-- param: least integer '5' | So many different secrets
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1555.006
-- controls: soc2:CC7.2 iso27001:A.8.16
-- false-positives: Controllers that hand secrets out to other programs; backups.
-- portable: yes
select actor_name, src_ip, cloud, count(distinct coalesce(target_id, target_name, request)) as secrets, count(*) as reads,
  min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and action in ('secrets.secret.get', 'secrets.secret_batch.get', 'secrets.secret.export', 'secrets.parameter.get', 'secrets.config_store_key.list',
    'secrets.service_key.list', 'iam.api_key.get', 'iam.device_key.get', 'kms.certificate.export', 'kms.key.export', 'storage.account_key.list',
    'database.key.list', 'compute.instance_password.get', 'network.vpn_secret.get', 'logging.workspace_key.list')
  and status is distinct from 'failure'
group by actor_name, src_ip, cloud
having count(distinct coalesce(target_id, target_name, request)) >= $least
order by secrets desc, actor_name, src_ip, cloud
