-- title: Images and snapshots shared
-- question: Who shared an image or a snapshot of a disk or database with other accounts or with everybody?
-- group: exposure
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1537
-- controls: soc2:CC6.7 iso27001:A.8.16
-- false-positives: Accounts of the same organisation that share images by design.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'backup.vault_access.update', 'compute.image.share', 'compute.machine_image.share',
    'compute.snapshot.share', 'compute.snapshot.use', 'database.snapshot.share'
  )
order by time, uid
