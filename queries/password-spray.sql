-- title: One address, many accounts
-- question: Which addresses failed to sign in to many different accounts?
-- group: sign-in
-- param: least integer '5' | So many different accounts
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1110.003
-- controls: pci:10.2.1.4 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Gateways that many people share; hosts on the internet that are scanned all day.
-- portable: yes
select src_ip, count(distinct actor_name) as names, count(*) as failures,
  min(time) as first_failure, max(time) as last_failure
from events
where time >= $since and time < $until
  and class = 'Authentication' and status = 'failure' and src_ip is not null and actor_name is not null
group by src_ip
having count(distinct actor_name) >= $least
order by names desc, src_ip
