-- title: Permission policies changed
-- question: Who wrote, changed or deleted permission policies, limits on permissions or rules of the organisation?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1098.003 T1484
-- controls: pci:10.2.1.5 soc2:CC6.3 iso27001:A.8.15
-- false-positives: Deployment pipelines that carry policies.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'iam.deny_policy.create', 'iam.deny_policy.delete', 'iam.permission_boundary.remove',
    'iam.permission_boundary.set', 'iam.policy.create', 'iam.policy.delete', 'iam.policy.update',
    'iam.role.update', 'iam.role_settings.update', 'org.policy.attach', 'org.policy.create',
    'org.policy.delete', 'org.policy.detach', 'org.policy.update'
  )
order by time, uid
