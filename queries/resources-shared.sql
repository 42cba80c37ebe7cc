-- title: Resources shared with other accounts
-- question: Who gave other accounts or tenants access to resources, keys or secrets?
-- group: exposure
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1537 T1098
-- controls: soc2:CC6.1 soc2:CC6.7 iso27001:A.8.16
-- false-positives: Policies of keys and secrets that change without naming anybody outside; read the request.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'compute.runbook.share', 'container.registry_access.update', 'data.share.create',
    'deploy.build_project.share', 'kms.key_access.update', 'kms.key_store_access.update',
    'org.lighthouse.create', 'org.resource_share.create', 'secrets.secret_access.update'
  )
order by time, uid
