-- title: Second factors refused again and again
-- question: Who was asked for the second factor and did not give it, many times?
-- group: sign-in
-- param: least integer '3' | So many refusals
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1621
-- controls: soc2:CC7.2 iso27001:A.8.16
-- false-positives: A phone without reception; a person with a new phone.
-- portable: yes
select actor_name, count(*) as refused, count(distinct src_ip) as addresses, min(time) as first_seen, max(time) as last_seen
from events
where time >= $since and time < $until
  and actor_name is not null and status = 'failure'
  -- 500121: Entra's code for a failed second factor
  and (action = 'signin.mfa.check' or (class = 'Authentication' and error_code = '500121'))
group by actor_name
having count(*) >= $least
order by refused desc, actor_name
