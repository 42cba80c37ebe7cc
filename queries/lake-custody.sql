-- title: Who used this lake
-- question: Who collected, asked, exported, held or verified, when, under which case, and how many rows left?
-- group: operations
-- param: who text '' | Part of the name or account; empty for everybody
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: custody
-- attack: T1654
-- controls: pci:10.2.1.3 soc2:CC6.1 iso27001:A.8.15
-- false-positives: None: every use is on record. What was not sealed yet is not in it.
-- portable: yes
select time, action, actor, account, case_id, purpose, rows, result, subject
from custody
where time >= $since and time < $until
  and (($who = '' or strpos(lower(actor), lower($who)) > 0) or ($who = '' or strpos(lower(account), lower($who)) > 0))
order by time, id
