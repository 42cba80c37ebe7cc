-- title: Everything one person did, in every cloud
-- question: What did this person do, under any name, session or credential of their own, in the order it happened?
-- group: who
-- param: who text 'alice' | Part of the person's name, e-mail, id or session
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: events evidence
-- attack: T1078
-- controls: pci:10.2.1.2 iso27001:A.8.15
-- false-positives: Two people whose names contain the same text; give more of it. What the person did under other names, with keys they made or from the same address, is in follow-the-person.
-- portable: no
select coalesce(e.time, b.first_time) as time, e.cloud, e.actor_name, e.action, e.status, e.src_ip,
  coalesce(e.command, e.target_name) as target
from events e left join evidence b on b.sha256 = e.evidence
where coalesce(e.time, b.first_time) >= $since and coalesce(e.time, b.first_time) < $until
  and (contains(lower(e.actor_name), lower($who))
    or contains(lower(e.actor_id), lower($who))
    or contains(lower(e.actor_session), lower($who))
    or contains(lower(e.actor_on_behalf_of), lower($who))
    -- who federated a user
    or (contains(e.actor_issuer, ':user/') and contains(lower(e.actor_issuer), lower($who)))
    -- a transcript of Session Manager names its person in the file's name alone
    or (e.source = 'aws.ssmsession' and contains(lower(parse_filename(b.origin)), lower($who))))
order by 1, e.uid
