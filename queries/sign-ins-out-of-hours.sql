-- title: Sign-ins at night, on weekends and on holidays
-- question: Who signed in outside working hours?
-- group: sign-in
-- param: offset integer '0' | Hours that local time is ahead of UTC, such as 9 for Japan
-- param: day_starts integer '7' | Working hours start at this hour
-- param: day_ends integer '20' | Working hours end at this hour
-- param: holidays text '' | Holidays, such as 2024-01-01,2024-02-12, without spaces
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1078
-- controls: soc2:CC7.2 iso27001:A.8.16
-- false-positives: People on call; people in other time zones.
-- portable: yes
select time, cloud, account, actor_name, src_ip, mfa, user_agent
from events
where time >= $since and time < $until
  and class = 'Authentication' and status = 'success' and actor_type in ('human', 'role_session', 'root')
  and (extract(hour from time + $offset * interval '1' hour) < $day_starts or extract(hour from time + $offset * interval '1' hour) >= $day_ends
    -- days since a Monday
    or date_diff('day', date '1970-01-05', cast(time + $offset * interval '1' hour as date)) % 7 >= 5
    or strpos(',' || $holidays || ',', ',' || cast(cast(time + $offset * interval '1' hour as date) as varchar) || ',') > 0)
order by time, uid
