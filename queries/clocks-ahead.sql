-- title: Clocks that run ahead
-- question: Which files hold records from after the time they were received?
-- group: operations
-- param: seconds integer '5' | Ahead by more than so many seconds
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: evidence
-- attack: T1070.006
-- controls: pci:10.6.1 iso27001:A.8.17
-- false-positives: Events announced for the future; logs without a year or zone that were read a year or a zone off.
-- portable: yes
select received_at, source, origin, last_time, date_diff('second', date_trunc('second', received_at), date_trunc('second', last_time)) as seconds_ahead, sha256
from evidence
where received_at >= $since and received_at < $until
  and last_time > received_at + $seconds * interval '1' second
order by seconds_ahead desc, sha256
