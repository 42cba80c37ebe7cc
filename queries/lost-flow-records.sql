-- title: Flow records the provider lost
-- question: Where did the provider itself say that it lost flow records?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- controls: pci:10.7.2 soc2:CC7.2 iso27001:A.8.15
-- false-positives: None: the provider says so. It happens where there is very much traffic.
-- portable: yes
select account, region, interface, count(*) as windows, min(time) as first_seen, max(coalesce(end_time, time)) as last_seen
from flows
where time >= $since and time < $until
  and log_status = 'SKIPDATA'
group by account, region, interface
order by windows desc, account, region, interface
