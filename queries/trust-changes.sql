-- title: Trust changed
-- question: Who let other accounts, tenants, workloads or certificates act as one of ours?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1484.002 T1098
-- controls: pci:10.2.1.5 soc2:CC6.3 iso27001:A.8.15
-- false-positives: Planned work by the identity team; check against the change record.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'iam.instance_profile.update', 'iam.managed_identity.attach', 'iam.role_trust.update',
    'iam.trust_anchor.create', 'iam.trust_anchor.delete', 'iam.trust_anchor.update',
    'iam.workload_profile.create', 'iam.workload_profile.update', 'org.delegated_admin.update',
    'org.lighthouse.create', 'org.lighthouse.delete', 'org.support_access.update', 'org.trusted_domain.add',
    'org.trusted_domain.remove', 'org.trusted_domain.update'
  )
order by time, uid
