-- title: Accounts made, changed, blocked and deleted
-- question: Which users and service accounts were made, invited, enabled, disabled, brought back or deleted, and by whom?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1136 T1531
-- controls: pci:10.2.1.5 soc2:CC6.2 iso27001:A.8.15
-- false-positives: Joiners and leavers; accounts made by synchronisation.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'database.user.create', 'database.user.delete', 'directory.bulk_change.start',
    'directory.user_pool_user.create', 'directory.user_pool_user.delete', 'directory.user_pool_user.disable',
    'directory.user_pool_user.enable', 'iam.application.create', 'iam.application.delete',
    'iam.invitation.accept', 'iam.service_account.create', 'iam.service_account.delete',
    'iam.service_account.disable', 'iam.service_account.enable', 'iam.service_account.recover',
    'iam.service_account.update', 'iam.user.create', 'iam.user.delete', 'iam.user.disable', 'iam.user.enable',
    'iam.user.invite', 'iam.user.recover', 'iam.user.update', 'storage.local_user.create',
    'storage.local_user.delete'
  )
order by time, uid
