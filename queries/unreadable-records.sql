-- title: Records that could not be read
-- question: What could not be read, of which sources, and why?
-- group: operations
-- param: source text '' | Part of the source's name; empty for all
-- tables: quarantine
-- controls: pci:10.7.2 iso27001:A.8.15
-- false-positives: Files that are no logs.
-- portable: yes
select source, code, problem, count(*) as records, count(distinct evidence) as bodies, min(evidence) as one_body
from quarantine
where ($source = '' or strpos(lower(source), lower($source)) > 0)
group by source, code, problem
order by records desc, source, code, problem
