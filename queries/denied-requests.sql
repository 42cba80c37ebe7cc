-- title: Requests that were denied
-- question: Who was refused for want of permission, how often, and in trying what?
-- group: sign-in
-- param: least integer '1' | So many refusals
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1580 T1526
-- controls: pci:10.2.1.4 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Consoles that try what the person may not see; programs with a permission missing.
-- portable: yes
select actor_name, src_ip, cloud, count(*) as denied, array_agg(distinct action order by action) as actions,
  min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and status = 'failure'
  and (lower(error_code) like '%denied%' or lower(error_code) like '%unauthorized%' or lower(error_code) like '%forbidden%'
    or lower(error_code) = 'authorizationfailed' or error_code in ('401', '403')
    -- google.rpc.Code: PERMISSION_DENIED and UNAUTHENTICATED
    or (cloud = 'gcp' and error_code in ('7', '16')))
group by actor_name, src_ip, cloud
having count(*) >= $least
order by denied desc, actor_name, src_ip, cloud
