-- title: Links that open data to whoever holds them
-- question: Who made public links, signed links or download links to documents, storage, disks and snapshots?
-- group: exposure
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1537 T1550.001
-- controls: soc2:CC6.7 iso27001:A.8.16
-- false-positives: Programs that reach storage by signed links as a rule.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'compute.disk.export', 'compute.restore_point.export', 'compute.snapshot.export',
    'storage.access_token.create', 'storage.account_key.list', 'storage.public_link.create'
  )
order by time, uid
