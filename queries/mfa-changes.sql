-- title: Second factors and sign-in rules changed
-- question: Who added or removed second factors, or changed who must use one and from where people may sign in?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1556.006 T1098.005
-- controls: pci:10.2.1.5 soc2:CC6.2 iso27001:A.8.15
-- false-positives: People with a new phone.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'iam.access_policy.create', 'iam.access_policy.delete', 'iam.access_policy.update',
    'iam.consent_policy.update', 'iam.device.register', 'iam.mfa.create', 'iam.mfa.disable', 'iam.mfa.enable',
    'iam.mfa.refresh', 'iam.mfa_policy.update', 'iam.password_policy.delete', 'iam.password_policy.update',
    'iam.session_policy.set'
  )
order by time, uid
