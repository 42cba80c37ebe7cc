-- title: Guards against public access removed
-- question: Who took away a setting that forbids public buckets, images or snapshots?
-- group: exposure
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1562 T1537
-- controls: soc2:CC6.6 soc2:CC7.1 iso27001:A.8.16
-- false-positives: A guard for the account that replaces one for each bucket.
-- portable: yes
with changes as (
  select *, replace(replace(lower(coalesce(request, '')), ' ', ''), '\', '') as asked
  from events
  where time >= $since and time < $until
    and action in ('storage.public_block.delete', 'storage.public_block.create', 'compute.public_block.disable', 'org.policy.delete', 'org.policy.update',
      'storage.bucket.update')
)
select time, cloud, account, actor_name, src_ip, action, status, target_name, request
from changes
where action in ('storage.public_block.delete', 'compute.public_block.disable')
  or (action = 'storage.public_block.create' and strpos(asked, ':false') > 0)
  or (action like 'org.policy.%' and strpos(asked, 'publicaccessprevention') > 0)
  or (action = 'storage.bucket.update' and strpos(asked, '"publicaccessprevention":"inherited"') > 0)
order by time, uid
