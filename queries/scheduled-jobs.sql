-- title: Scheduled jobs changed
-- question: Who made, changed or removed jobs that run on a schedule, on hosts or in a cloud?
-- group: commands
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1053.003 T1053.007
-- controls: soc2:CC6.8 soc2:CC8.1 iso27001:A.8.16
-- false-positives: Clusters make jobs from their own schedules.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'compute.batch_job.start', 'compute.runbook.create', 'compute.runbook_schedule.create',
    'compute.runbook_schedule.delete', 'host.job.delete', 'host.job.update', 'k8s.job.create',
    'k8s.job.update', 'serverless.schedule.create', 'serverless.schedule.delete'
  )
order by time, uid
