-- title: Everything one person did, in every cloud
-- question: What did this person do, under any name, session or credential, in the order it happened?
-- param: who text 'alice' | Part of the person's name, e-mail, id or session
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- false-positives: Two people whose names contain the same text; give more of it.
select time, cloud, action, status, src_ip, target_name
from events
where time >= $since and time < $until
  and (actor_name ilike '%' || $who || '%'
    or actor_id ilike '%' || $who || '%'
    or actor_session ilike '%' || $who || '%'
    or actor_on_behalf_of ilike '%' || $who || '%')
order by time, uid
