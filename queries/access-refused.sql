-- title: Access that was refused
-- question: Which sign-ins failed and which requests were refused for want of permission, one by one?
-- group: sign-in
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events
-- attack: T1110 T1078
-- controls: pci:10.2.1.4 soc2:CC6.1 iso27001:A.8.15
-- false-positives: Mistyped passwords; programs that try what they may not and go on.
-- portable: yes
select time, cloud, account, actor_name, src_ip, action, status, error_code, target_name
from events
where time >= $since and time < $until
  and status = 'failure'
  and (class = 'Authentication' or action in ('host.ssh.login', 'host.console.login', 'host.user.assume')
    or lower(error_code) like '%denied%' or lower(error_code) like '%unauthorized%' or lower(error_code) like '%forbidden%'
    or lower(error_code) = 'authorizationfailed' or error_code in ('401', '403')
    -- google.rpc.Code: PERMISSION_DENIED and UNAUTHENTICATED
    or (cloud = 'gcp' and error_code in ('7', '16')))
order by time, uid
