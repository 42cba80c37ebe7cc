-- title: Sign-ins without a second factor
-- question: Who signed in with a password alone?
-- group: sign-in
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078 T1556.006
-- controls: soc2:CC6.1 iso27001:A.8.16
-- false-positives: AWS says no for federated users whose own provider asked for the second factor; Entra says no for a session that already had one.
-- portable: yes
select time, cloud, account, actor_name, src_ip, operation, user_agent
from events
where time >= $since and time < $until
  and action in ('signin.user.login', 'signin.user_risky.login', 'signin.cognito.login') and status = 'success' and mfa = false
order by time, uid
