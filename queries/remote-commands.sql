-- title: Shells and commands through the cloud
-- question: Who opened shells or ran commands on machines, in pods and in containers from the cloud's side?
-- group: commands
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1651 T1609 T1021.008
-- controls: pci:10.2.1.2 iso27001:A.8.15
-- false-positives: Patching and inventory run commands everywhere on a schedule.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'compute.cloud_shell.start', 'compute.command.execute', 'compute.extension.create',
    'compute.instance_access.update', 'compute.project_metadata.update', 'compute.runbook.execute',
    'compute.session.start', 'compute.ssh_key.push', 'container.cluster_command.execute',
    'container.task.execute', 'k8s.pod.attach', 'k8s.pod.connect', 'k8s.pod.execute', 'k8s.pod_debug.create',
    'network.bastion_link.create', 'serverless.app.execute'
  )
order by time, uid
