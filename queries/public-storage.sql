-- title: Storage opened to everybody
-- question: Who gave everybody access to a bucket, a container or an object?
-- group: exposure
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1537 T1530
-- controls: soc2:CC6.1 soc2:CC6.6 soc2:CC7.1 iso27001:A.8.16
-- false-positives: Public web sites; statements that deny everybody something; a wide principal narrowed by a condition.
-- portable: yes
with changes as (
  select *,
    -- Requests of other actions are not even looked at, whichever condition an engine tests first.
    case when action in ('storage.bucket_access.update', 'storage.object_access.update', 'storage.bucket.update', 'storage.bucket.create',
      'storage.archive_access.update', 'storage.access_point.create', 'storage.object.put', 'storage.object.copy')
      then replace(replace(lower(coalesce(request, '')), ' ', ''), '\', '') end as asked
  from events
  where time >= $since and time < $until
    and action in ('storage.bucket_access.update', 'storage.object_access.update', 'storage.bucket.update', 'storage.bucket.create',
      'storage.archive_access.update', 'storage.access_point.create', 'storage.object.put', 'storage.object.copy')
)
select time, cloud, account, actor_name, src_ip, action, status, coalesce(target_name, target_id) as target, request
from changes
where strpos(asked, 'allusers') > 0 or strpos(asked, 'allauthenticatedusers') > 0 or strpos(asked, 'groups/global/authenticatedusers') > 0
  or strpos(asked, '"public-read') > 0 or strpos(asked, '"authenticated-read"') > 0
  or strpos(asked, '"principal":"*"') > 0 or strpos(asked, '"aws":"*"') > 0 or strpos(asked, '"aws":["*"') > 0
  or strpos(asked, '"publicaccess":"container"') > 0 or strpos(asked, '"publicaccess":"blob"') > 0
  or strpos(asked, '"allowblobpublicaccess":true') > 0
order by time, uid
