-- title: Databases opened to the internet
-- question: Who made a database server reachable from outside?
-- group: exposure
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1190 T1562.007
-- controls: soc2:CC6.6 soc2:CC7.1 iso27001:A.8.16
-- false-positives: Servers that stay behind other firewalls all the same. Azure notes the rule 0.0.0.0 for its own services.
-- portable: yes
with changes as (
  select *, replace(replace(lower(coalesce(request, '')), ' ', ''), '\', '') as asked
  from events
  where time >= $since and time < $until
    and split_part(action, '.', 1) = 'database' and read_only = false
)
select time, cloud, account, actor_name, src_ip, action, status, target_name, request
from changes
where strpos(asked, '"publiclyaccessible":true') > 0 or strpos(asked, '"publicnetworkaccess":"enabled"') > 0
  or strpos(asked, '"0.0.0.0/0"') > 0 or strpos(asked, '"startipaddress":"0.0.0.0"') > 0
order by time, uid
