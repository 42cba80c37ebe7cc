-- title: Roles and permissions given and taken
-- question: Who gave whom which role, and who took one away?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1098.003 T1098.006
-- controls: pci:10.2.1.5 soc2:CC6.3 iso27001:A.8.15
-- false-positives: Planned work by the identity team; check against the change record.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'container.cluster_access.grant', 'container.cluster_access.revoke', 'database.admin.grant',
    'database.admin.revoke', 'iam.app_role.grant', 'iam.app_role.revoke', 'iam.entitlement.grant',
    'iam.entitlement.revoke', 'iam.role.grant', 'iam.role.revoke', 'iam.role_activation.request',
    'iam.role_binding.update', 'iam.role_eligibility.grant', 'iam.role_eligibility.revoke',
    'iam.tenant_admin.grant', 'iam.tenant_admin.revoke', 'kms.grant.create', 'messaging.mailbox_role.grant'
  )
order by time, uid
