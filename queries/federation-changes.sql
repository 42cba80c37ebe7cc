-- title: Federation changed
-- question: Who changed the identity providers and domains that people sign in through?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1484.002 T1556.007
-- controls: pci:10.2.1.5 soc2:CC6.3 iso27001:A.8.15
-- false-positives: Certificates of identity providers that are renewed each year.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'directory.hybrid_health.update', 'directory.key.update', 'directory.sync.update',
    'iam.identity_provider.create', 'iam.identity_provider.delete', 'iam.identity_provider.update',
    'org.domain.add', 'org.domain.remove', 'org.domain.update'
  )
order by time, uid
