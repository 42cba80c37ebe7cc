-- title: Firewalls opened to the internet
-- question: Who opened a security group, network access list or firewall to every address?
-- group: exposure
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1562.007 T1190
-- controls: soc2:CC6.6 soc2:CC7.1 iso27001:A.8.16
-- false-positives: Web servers that everybody may reach; rules for traffic that leaves.
-- portable: yes
with changes as (
  select *,
    -- Requests of other actions are not even looked at, whichever condition an engine tests first.
    case when action in ('network.firewall_rule.create', 'network.firewall_rule.update', 'network.acl_rule.create', 'network.acl_rule.update',
      'network.security_group.create', 'network.firewall_policy_rule.create', 'network.firewall.update')
      then replace(replace(lower(coalesce(request, '')), ' ', ''), '\', '') end as asked
  from events
  where time >= $since and time < $until
    and action in ('network.firewall_rule.create', 'network.firewall_rule.update', 'network.acl_rule.create', 'network.acl_rule.update',
      'network.security_group.create', 'network.firewall_policy_rule.create', 'network.firewall.update')
)
select time, cloud, account, actor_name, src_ip, action, status, target_name, request
from changes
where strpos(asked, '"0.0.0.0/0"') > 0 or strpos(asked, '"::/0"') > 0
  or strpos(asked, '"sourceaddressprefix":"*"') > 0 or strpos(asked, '"sourceaddressprefix":"internet"') > 0
order by time, uid
