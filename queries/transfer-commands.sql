-- title: Commands that move files
-- question: Who copied files to or from elsewhere with curl, scp, rsync, netcat or a cloud's own tool?
-- group: commands
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events evidence
-- attack: T1048 T1105
-- controls: soc2:CC6.7 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Deployments and health checks use the same programs.
-- portable: yes
with commands as (
  select coalesce(e.time, b.first_time) as time, e.uid, e.source, e.actor_name, coalesce(e.dst_host, e.target_name) as host, e.command,
    ' ' || replace(lower(e.command), '/', ' ') || ' ' as said
  from events e left join evidence b on b.sha256 = e.evidence
  where coalesce(e.time, b.first_time) >= $since and coalesce(e.time, b.first_time) < $until
    and e.command is not null
)
select time, source, actor_name, host, command
from commands
where said like '% curl %' or said like '% wget %' or said like '% scp %' or said like '% sftp %' or said like '% rsync %'
  or said like '% nc %' or said like '% ncat %' or said like '% socat %' or said like '% ftp %' or said like '% rclone %'
  or said like '% aws s3 %' or said like '% gsutil %' or said like '% azcopy %' or said like '% gcloud storage %'
order by time, uid
