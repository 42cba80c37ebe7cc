-- title: Console sign-ins past the single sign-on
-- question: Who signed in to the AWS console as an IAM user or as root, not through the identity provider?
-- group: sign-in
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078.004
-- controls: soc2:CC6.1 iso27001:A.8.16
-- false-positives: Accounts without single sign-on; emergency users. Azure and Google Cloud always sign in through their directory.
-- portable: yes
select time, account, actor_type, actor_name, src_ip, mfa, user_agent
from events
where time >= $since and time < $until
  and cloud = 'aws' and action = 'signin.user.login' and operation = 'ConsoleLogin' and status = 'success'
  and actor_type in ('human', 'root')
order by time, uid
