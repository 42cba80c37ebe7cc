-- title: Sign-ins the provider calls risky
-- question: What did the providers themselves warn of?
-- group: sign-in
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078.004
-- controls: soc2:CC7.2 iso27001:A.8.16
-- false-positives: Providers warn of travel and of new devices too.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'signin.risk.notify', 'signin.user_risky.login'
  )
order by time, uid
