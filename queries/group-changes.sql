-- title: Groups and their members changed
-- question: Who was put into or taken out of groups, and who owns them now?
-- group: identity
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1098.007
-- controls: pci:10.2.1.5 soc2:CC6.3 iso27001:A.8.15
-- false-positives: Groups that are filled by rule or by synchronisation.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'iam.administrative_unit.update', 'iam.group.create', 'iam.group.delete', 'iam.group.recover',
    'iam.group.update', 'iam.group_join.request', 'iam.group_member.add', 'iam.group_member.remove',
    'iam.group_member.update', 'iam.group_owner.add', 'iam.group_owner.remove'
  )
order by time, uid
