-- title: Everything one person did, and what was done with their keys, addresses and sessions
-- question: What did this person do, and who acted with credentials they made, from addresses they used, in sessions they started and in host accounts they entered?
-- group: who
-- param: who text 'alice' | Part of the person's name, e-mail, id or session
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- param: around integer '60' | Minutes before the first and after the last use of an address that still count, and after a host was entered
-- tables: events evidence
-- attack: T1078 T1098.001 T1550.001
-- controls: pci:10.2.1.2 soc2:CC7.3 iso27001:A.8.15
-- false-positives: People who share an address with the person (an office, a VPN); the column because says what ties each row to them.
-- portable: no
with acts as (
  select e.uid, coalesce(e.time, b.first_time) as time, e.source, e.cloud, e.class, e.action, e.status, e.actor_name,
    e.actor_id, e.actor_session, e.actor_issuer, e.actor_on_behalf_of, regexp_extract(e.actor_credential, '[^/]+$') as key, e.src_ip, e.dst_host,
    coalesce(e.command, e.target_name) as target, parse_filename(b.origin) as file
  from events e left join evidence b on b.sha256 = e.evidence
  where coalesce(e.time, b.first_time) >= $since and coalesce(e.time, b.first_time) < $until
),
own as (
  select * from acts
  where contains(lower(actor_name), lower($who))
    or contains(lower(actor_id), lower($who))
    or contains(lower(actor_session), lower($who))
    or contains(lower(actor_on_behalf_of), lower($who))
    -- who federated a user
    or (contains(actor_issuer, ':user/') and contains(lower(actor_issuer), lower($who)))
    -- a transcript of Session Manager names its person in the file's name alone
    or (source = 'aws.ssmsession' and contains(lower(file), lower($who)))
),
-- a wrong guess at their password is no use of an address by them
addresses as (
  select src_ip, min(time) - to_minutes($around) as since, max(time) + to_minutes($around) as until
  from own where src_ip is not null and status is distinct from 'failure'
  group by src_ip
),
-- what made keys, secrets, tokens and sessions for them
makers as (
  select time, request, response
  from events
  where uid in (select uid from own where status is distinct from 'failure') and (
    regexp_matches(action, '^iam\.(access_key|service_credential|workload_certificate|\w*token)\.(create|upload|assume|get)$')
    or regexp_matches(action, '^iam\.role\w*\.assume$')
    or action = 'compute.session.start')
),
-- credentials are known by the ids they are used under
credentials as (
  select keys.key, min(makers.time) as made
  from (select distinct key from acts where length(key) >= 8) keys
    join makers on contains(response, keys.key) or contains(request, keys.key)
  group by keys.key
),
sessions as (
  select json_extract_string(response, '$.sessionId') as session from makers
),
entered as (
  select actor_name, dst_host, min(time) as since, max(time) + to_minutes($around) as until
  from acts join addresses using (src_ip)
  where class = 'Authentication' and status = 'success' and dst_host is not null
    and time between addresses.since and addresses.until
  group by actor_name, dst_host
),
tied as (
  select *, case
    when uid in (select uid from own) then 'own name'
    when exists (select 1 from credentials c where c.key = acts.key and time >= c.made) then 'credential they made'
    when exists (select 1 from sessions s where s.session = actor_session or contains(file, s.session))
      then 'session they started'
    when exists (select 1 from addresses a where a.src_ip = acts.src_ip and time between a.since and a.until)
      then 'address they used'
    when exists (select 1 from entered n where n.actor_name = acts.actor_name and n.dst_host = acts.dst_host
      and time between n.since and n.until) then 'account they entered'
    end as because
  from acts
)
select time, because, cloud, actor_name, action, status, src_ip, target
from tied
where because is not null
order by time, uid
