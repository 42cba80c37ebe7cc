-- title: Use of emergency accounts
-- question: Was an account that is kept for emergencies used?
-- group: sign-in
-- param: account text 'breakglass' | Part of the emergency account's name
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078
-- controls: pci:10.2.1.2 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Drills; a name that contains the text by chance.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, mfa
from events
where time >= $since and time < $until
  and (strpos(lower(actor_name), lower($account)) > 0 or strpos(lower(actor_id), lower($account)) > 0)
order by time, uid
