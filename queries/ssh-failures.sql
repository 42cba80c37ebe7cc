-- title: Failed logins to hosts
-- question: From where did logins to hosts fail, as which users, on how many hosts?
-- group: commands
-- param: host text '' | Part of the host's name; empty for all
-- param: least integer '1' | So many failures
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1110
-- controls: pci:10.2.1.4 soc2:CC7.2 iso27001:A.8.15
-- false-positives: Hosts on the internet are tried all day.
-- portable: yes
select src_ip, sum(coalesce(count, 1)) as failures, count(distinct dst_host) as hosts,
  array_agg(distinct actor_name order by actor_name) filter (where actor_name is not null) as users,
  min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and action in ('host.ssh.login', 'host.console.login', 'host.user.assume') and status = 'failure'
  and ($host = '' or strpos(lower(dst_host), lower($host)) > 0)
group by src_ip
having sum(coalesce(count, 1)) >= $least
order by failures desc, src_ip
