-- title: Free text
-- question: Which records contain this text anywhere, in any field of any source?
-- group: who
-- param: text text | The text; upper and lower case count as the same
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- controls: soc2:CC7.3 iso27001:A.8.15
-- false-positives: The text in another sense; records without a time are always searched.
-- portable: yes
select time, source, account, actor_name, src_ip, action, status, coalesce(command, target_name) as target
from events
where (time is null or (time >= $since and time < $until))
  and strpos(lower(raw), lower($text)) > 0
order by time, uid
