-- title: Size of the archive
-- question: How large is what is kept of each source, as received and expanded, and how much is a record?
-- group: operations
-- param: source text '' | Part of the source's name; empty for all
-- tables: evidence
-- controls: pci:10.5.1 iso27001:A.8.15
-- false-positives: None: it counts. Tables and ledger are not in it.
-- portable: yes
select source, role, count(*) as bodies, sum(size) as bytes, sum(expanded_size) as expanded_bytes, sum(records) as records,
  case when sum(records) > 0 then round(cast(sum(size) as double) / sum(records), 1) end as bytes_per_record
from evidence
where size is not null and ($source = '' or strpos(lower(source), lower($source)) > 0)
group by source, role
order by bytes desc, source, role
