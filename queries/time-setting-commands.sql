-- title: Commands that set the time
-- question: Who set a host's clock or its zone, or changed the service that keeps it right?
-- group: commands
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events evidence
-- attack: T1070.006
-- controls: pci:10.6.3 iso27001:A.8.17
-- false-positives: Machines being set up; updates that restart the service.
-- portable: yes
with commands as (
  select coalesce(e.time, b.first_time) as time, e.uid, e.source, e.actor_name, coalesce(e.dst_host, e.target_name) as host, e.status,
    e.command, ' ' || replace(lower(e.command), '/', ' ') || ' ' as said
  from events e left join evidence b on b.sha256 = e.evidence
  where coalesce(e.time, b.first_time) >= $since and coalesce(e.time, b.first_time) < $until
    and e.command is not null
)
select time, source, actor_name, host, status, command
from commands
where said like '% timedatectl set-%' or said like '% date -s%' or said like '% date --set%' or said like '% hwclock %--set%'
  or said like '% ntpdate %' or said like '% chronyc %' or said like '% w32tm %' or said like '%set-date %' or said like '% tzutil %'
  or ((said like '%systemctl %' or said like '%service %') and (said like '%stop%' or said like '%disable%' or said like '%mask%')
    and (said like '%chrony%' or said like '%ntp%' or said like '%timesync%' or said like '%w32time%'))
order by time, uid
