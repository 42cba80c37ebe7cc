-- title: What records leave unsaid
-- question: How many per cent of each source's records say who, what, when, with what result, from where and to what?
-- group: operations
-- param: source text '' | Part of the source's name; empty for all
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- controls: pci:10.2.2 iso27001:A.8.15
-- false-positives: Events that have no target, such as a list of everything; services that act without an address.
-- portable: yes
select source, count(*) as events,
  round(cast(100 * count(coalesce(actor_name, actor_id)) as double) / count(*), 1) as who,
  round(cast(100 * count(action) as double) / count(*), 1) as what,
  round(cast(100 * count(time) as double) / count(*), 1) as at_what_time,
  round(cast(100 * count(status) as double) / count(*), 1) as result,
  round(cast(100 * count(coalesce(src_ip, src_host)) as double) / count(*), 1) as from_where,
  round(cast(100 * count(coalesce(target_id, target_name, dst_host, dst_ip)) as double) / count(*), 1) as to_what
from events
where (time is null or (time >= $since and time < $until)) and ($source = '' or strpos(lower(source), lower($source)) > 0)
group by source
order by source
