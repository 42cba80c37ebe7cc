-- title: Access given to oneself
-- question: Who gave a role, a key, a password or a group to their own account?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1098 T1548
-- controls: pci:10.2.1.5 soc2:CC6.3 iso27001:A.8.15
-- false-positives: People who change their own keys, which is good practice; a name that is part of another.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, target_name, request
from events
where time >= $since and time < $until
  and action in ('iam.role.grant', 'iam.role_binding.update', 'iam.role_eligibility.grant', 'iam.app_role.grant', 'iam.tenant_admin.grant',
    'iam.group_member.add', 'iam.group_owner.add', 'iam.access_key.create', 'iam.login_profile.create', 'iam.password.reset',
    'iam.application_owner.add', 'container.cluster_access.grant', 'database.admin.grant')
  and status is distinct from 'failure' and length(actor_name) >= 3
  and (action = 'iam.tenant_admin.grant'
    or strpos(lower(coalesce(target_name, '') || ' ' || coalesce(target_id, '') || ' ' || coalesce(request, '')), lower(actor_name)) > 0)
order by time, uid
