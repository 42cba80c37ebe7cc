-- title: Passwords set, reset and removed
-- question: Who set or reset passwords, for whom, and who changed how root is recovered?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1098 T1531
-- controls: pci:10.2.1.5 soc2:CC6.2 iso27001:A.8.15
-- false-positives: The help desk at work.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'compute.vmware_credential.reset', 'database.user.update', 'directory.directory_admin.reset',
    'iam.login_profile.create', 'iam.login_profile.delete', 'iam.password.change', 'iam.password.reset',
    'serverless.app_credential.reset', 'signin.account_recovery.update', 'signin.root_email.update',
    'signin.root_password.recover'
  )
order by time, uid
