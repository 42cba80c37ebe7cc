-- title: Applications that were let in
-- question: Which applications were given access to data, by whom, and who became their owner?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1528 T1098.003
-- controls: pci:10.2.1.5 soc2:CC6.3 iso27001:A.8.15
-- false-positives: Applications that the organisation has approved.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'directory.oauth_brand.create', 'iam.app_role.grant', 'iam.application.update',
    'iam.application_owner.add', 'iam.consent.grant', 'iam.consent.revoke', 'iam.consent_policy.update'
  )
order by time, uid
