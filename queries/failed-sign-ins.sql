-- title: Failed sign-ins by address
-- question: From which addresses did sign-ins fail, to how many accounts, and did one succeed afterwards?
-- group: sign-in
-- param: least integer '3' | Show addresses with at least this many failures
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1110 T1078
-- controls: pci:10.2.1.4 soc2:CC6.1 iso27001:A.8.15
-- false-positives: A person who forgot a password; a proxy or VPN that many people share.
-- portable: yes
select src_ip,
  count(*) filter (where status = 'failure') as failures,
  count(distinct actor_name) filter (where status = 'failure') as names,
  min(time) filter (where status = 'failure') as first_failure,
  max(time) filter (where status = 'failure') as last_failure,
  min(time) filter (where status = 'success') as first_success,
  array_agg(distinct source order by source) as sources
from events
where time >= $since and time < $until
  and class = 'Authentication' and src_ip is not null
group by src_ip
having count(*) filter (where status = 'failure') >= $least
order by failures desc, src_ip
