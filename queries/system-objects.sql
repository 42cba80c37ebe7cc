-- title: System-level objects created and deleted
-- question: Which machines, networks, stores, databases, keys and accounts came into being or went, and by whom?
-- group: who
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1578
-- controls: pci:10.2.1.7 soc2:CC8.1 iso27001:A.8.15
-- false-positives: Autoscaling and deployment pipelines create and delete all day.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and (action like '%.create' or action like '%.delete')
  and split_part(action, '.', 1) in ('backup', 'compute', 'container', 'data', 'database', 'deploy', 'k8s', 'kms', 'network',
    'org', 'serverless', 'storage')
  and class is distinct from 'Datastore Activity'
  and action not like 'k8s.event.%' and action not like 'k8s.lease.%' and action not like 'k8s.pod.%'
order by time, uid
