-- title: Roles taken on
-- question: Who became which role or service account, from where, and how often?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078.004 T1550.001
-- controls: pci:10.2.1.2 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Services take on their roles all day.
-- portable: yes
select actor_name, src_ip, cloud, target_name, count(*) as events,
  count(*) filter (where status = 'failure') as failures, min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and action in ('iam.role.assume', 'iam.role_federated.assume', 'iam.workload_certificate.assume', 'iam.service_account_token.create',
    'signin.role.assume', 'signin.federated_role.get', 'k8s.identity.assume')
group by actor_name, src_ip, cloud, target_name
order by events desc, actor_name, src_ip, cloud, target_name
