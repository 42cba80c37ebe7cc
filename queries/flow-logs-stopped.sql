-- title: Network logs stopped or changed
-- question: Who stopped or changed the recording of network flows, DNS queries or web requests?
-- group: logging
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1562.008
-- controls: pci:10.2.1.6 soc2:CC7.2 iso27001:A.8.15
-- false-positives: Subnets that are changed in other ways are told apart where the request says so.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'logging.dns_query_log.delete', 'logging.flow_log.delete', 'logging.flow_log.update',
    'logging.network_watcher.delete', 'logging.web_log.delete', 'logging.web_log.update'
  )
order by time, uid
