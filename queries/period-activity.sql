-- title: Who did what in a period
-- question: Who was active between these times, doing what, how often and with how many failures?
-- group: who
-- param: since time | From this time on
-- param: until time | Before this time
-- tables: events
-- controls: pci:10.2.1.2 soc2:CC7.3 iso27001:A.8.15
-- false-positives: Workloads that run all the time come first; look further down for people.
-- portable: yes
select actor_name, cloud, action, count(*) as events,
  count(*) filter (where status = 'failure') as failures,
  min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
group by actor_name, cloud, action
order by events desc, actor_name, cloud, action
