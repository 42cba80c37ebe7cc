-- title: Peer-to-peer ports
-- question: Which addresses used the usual ports of file-sharing programs?
-- group: network
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: flows
-- attack: T1048 T1105
-- controls: soc2:CC6.8 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Answers to a client that happened to use one of these ports.
-- portable: yes
select src_ip, dst_ip, dst_port, count(*) as flow_records, sum(bytes) as bytes, min(time) as first_seen, max(time) as last_seen
from flows
where time >= $since and time < $until
  and action is distinct from 'reject'
  -- Direct Connect, Kazaa, Soulseek, eDonkey, Gnutella, WinMX, BitTorrent
  and (dst_port in (411, 412, 1214, 2234, 4662, 4672, 6346, 6347, 6699, 6969, 51413) or dst_port between 6881 and 6889)
group by src_ip, dst_ip, dst_port
order by flow_records desc, src_ip, dst_ip, dst_port
