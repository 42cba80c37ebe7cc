-- title: Verifications of this lake on record
-- question: When was the lake verified, how deeply, by whom, and with what result?
-- group: operations
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: custody
-- controls: pci:10.3.4 pci:10.3.2 iso27001:A.8.15
-- false-positives: Only runs with --record are on record, and only once they are sealed.
-- portable: yes
select time, actor, account, result, subject, head_size, ledger_index
from custody
where time >= $since and time < $until
  and action = 'verify'
order by time, id
