-- title: Commands that erase traces
-- question: Who cleared a history, deleted logs on a host or stopped what writes them?
-- group: commands
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events evidence
-- attack: T1070.002 T1070.003 T1562.001
-- controls: pci:10.2.1.6 soc2:CC7.2 iso27001:A.8.15
-- false-positives: Logs that people rotate by hand; agents that are upgraded.
-- portable: yes
with commands as (
  select coalesce(e.time, b.first_time) as time, e.uid, e.source, e.actor_name, coalesce(e.dst_host, e.target_name) as host, e.status,
    e.command, lower(e.command) as said
  from events e left join evidence b on b.sha256 = e.evidence
  where coalesce(e.time, b.first_time) >= $since and coalesce(e.time, b.first_time) < $until
    and e.command is not null
)
select time, source, actor_name, host, status, command
from commands
where said like '%history -c%' or said like '%unset histfile%' or said like '%histfile=/dev/null%' or said like '%histsize=0%'
  or ((said like '%rm %' or said like '%shred %' or said like '%truncate %' or said like '%> /%') and (said like '%/var/log%' or said like '%.log%' or said like '%_history%'))
  or said like '%journalctl%--vacuum%' or said like '%auditctl -e%0%' or said like '%auditctl -d%'
  or ((said like '%systemctl %' or said like '%service %') and (said like '%stop%' or said like '%disable%' or said like '%mask%')
    and (said like '%auditd%' or said like '%syslog%' or said like '%journald%' or said like '%fluent%' or said like '%agent%'))
  or said like '%wevtutil cl %' or said like '%clear-eventlog%'
order by time, uid
