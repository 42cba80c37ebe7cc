-- title: What the providers' own proofs say
-- question: How much of each source is proven by the provider's own digests, and how much is not?
-- group: operations
-- param: source text '' | Part of the source's name; empty for all
-- param: since time '1970-01-01T00:00:00Z' | From this time on
-- param: until time '2200-01-01T00:00:00Z' | Before this time
-- tables: evidence
-- attack: T1565.001
-- controls: pci:10.3.2 pci:10.3.4 iso27001:A.8.15
-- false-positives: Only CloudTrail signs what it delivers; other sources have no proof of their own.
-- portable: yes
select source, role, coalesce(verdict, 'none') as verdict, count(*) as bodies, sum(size) as bytes, max(verdict_at) as judged_at
from evidence
where received_at >= $since and received_at < $until and ($source = '' or strpos(lower(source), lower($source)) > 0)
group by source, role, coalesce(verdict, 'none')
order by source, role, bodies desc, coalesce(verdict, 'none')
