-- title: Failed sign-ins by address
-- question: From which addresses did sign-ins fail, to how many accounts, and did one succeed afterwards?
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- param: least integer '3' | Show addresses with at least this many failures
-- tables: events
-- attack: T1110 T1078
-- false-positives: A person who forgot a password; a proxy or VPN that many people share.
select src_ip,
  count(*) filter (status = 'failure') as failures,
  count(distinct actor_name) filter (status = 'failure') as names,
  min(time) filter (status = 'failure') as first_failure,
  max(time) filter (status = 'failure') as last_failure,
  min(time) filter (status = 'success') as first_success,
  list_sort(list_distinct(list(source))) as sources
from events
where time >= $since and time < $until
  and class = 'Authentication' and src_ip is not null
group by src_ip
having count(*) filter (status = 'failure') >= $least
order by failures desc, src_ip
