-- title: Functions and apps opened
-- question: Who gave a function a web address, or changed who may call a function or app?
-- group: exposure
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1546 T1648
-- controls: soc2:CC6.6 soc2:CC7.1 iso27001:A.8.16
-- false-positives: Functions that are meant to be called from outside.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'serverless.app_access.update', 'serverless.app_credential.get', 'serverless.function_access.update',
    'serverless.function_key.list', 'serverless.function_url.create'
  )
order by time, uid
