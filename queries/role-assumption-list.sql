-- title: Every role taken on
-- question: Who took on which role or service account, one by one, and was it allowed?
-- group: who
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078.004 T1550.001
-- controls: pci:10.2.1.2 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Services that take on their own role all day.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in ('iam.role.assume', 'iam.role_federated.assume', 'iam.workload_certificate.assume', 'iam.service_account_token.create',
    'signin.role.assume', 'signin.federated_role.get', 'k8s.identity.assume')
order by time, uid
