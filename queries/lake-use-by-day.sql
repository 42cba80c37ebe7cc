-- title: On which days somebody looked
-- question: On which days was the lake asked, how often, by how many people and under which cases?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: custody
-- controls: pci:10.4.1 pci:10.4.1.1 soc2:CC7.2 iso27001:A.8.16
-- false-positives: That something was asked does not say that a person reviewed the answer.
-- portable: yes
select date_trunc('day', time) as day, count(*) as queries, count(distinct actor) as people, sum(rows) as rows,
  array_agg(distinct case_id order by case_id) filter (where case_id is not null) as cases
from custody
where time >= $since and time < $until
  and action = 'query' and completes is null
group by date_trunc('day', time)
order by day
