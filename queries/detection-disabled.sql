-- title: Detection switched off
-- question: Who stopped, narrowed or muted the services that watch for threats and changes?
-- group: logging
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1562.001
-- controls: pci:10.7.2 soc2:CC7.2 iso27001:A.8.16
-- false-positives: Findings that people close after looking at them.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, target_name
from events
where time >= $since and time < $until
  and action in (
    'database.threat_detection.update', 'detection.admin_account.update', 'detection.config_recorder.delete',
    'detection.config_recorder.stop', 'detection.config_recorder.update', 'detection.config_rule.delete',
    'detection.data_connector.delete', 'detection.detector.delete', 'detection.detector.update',
    'detection.finding.archive', 'detection.member.remove', 'detection.policy_exemption.create',
    'detection.rule.delete', 'detection.standard.disable', 'detection.suppression.create',
    'detection.trusted_list.create', 'detection.trusted_list.update', 'iam.access_analyzer.delete'
  )
order by time, uid
