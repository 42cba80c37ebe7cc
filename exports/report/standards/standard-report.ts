/** A report on a standard: its requirements one by one, what deserves a look first. */

import { answerJson } from '../answer-json.ts';
import type { ReportContext } from '../context.ts';
import type { ReportContent, ReportFigure, ReportKind, SampleFile } from '../kind.ts';
import type { Statements } from '../statements.ts';
import { factOrigins } from './fact-blocks.ts';
import { coverageSection, frontSections } from './front.ts';
import { type Gathered, gather, keyOf } from './gather.ts';
import { countOf, looksOf } from './looks.ts';
import { observations, verifierLog } from './observations.ts';
import { type Requirement, requirementsOf, type Standard } from './requirement.ts';
import { requirementBlocks } from './requirement-blocks.ts';
import { sampleSections } from './sample-sections.ts';

export const standardReport = (standard: Standard): ReportKind => ({
  name: standard.name,
  summary: standard.summary,
  statements: requirementsOf(standard).flatMap(({ statement }) =>
    statement === null ? [] : [statement.name],
  ),
  build: (context, statements) => build(standard, context, statements),
});

async function build(
  standard: Standard,
  context: ReportContext,
  statements: Statements,
): Promise<ReportContent> {
  const gathered = await gather(context, standard);
  const origins = factOrigins(context);
  const requirements = requirementsOf(standard);
  const samples = sampleFiles(gathered);
  const drawn = new Set(samples.map(({ name }) => name));
  const blocks = {
    gathered,
    origins,
    originOf: (question: string) => ({ id: `from-${question}` }),
    sampleOf: (question: string) => (drawn.has(question) ? `samples/${question}.csv` : null),
  };
  const looks = requirements.flatMap((requirement) => looksOf(requirement, gathered));
  const figures = requirements.flatMap((requirement) => figuresOf(requirement, gathered));
  return {
    eyebrow: 'Evidence report',
    title: standard.title,
    subtitle: standard.scope,
    facts: [
      {
        name: 'What it claims',
        value:
          'What logs show, and no more. It does not say that a requirement is met: that is for the assessor, who also has what people state.',
      },
    ],
    sections: [
      ...frontSections(standard, context, gathered, looks, statements),
      coverageSection(gathered, origins),
      ...standard.groups.map(({ title, requirements: own }) => ({
        id: `group-${title.split(' ')[0]}`,
        title,
        blocks: own.flatMap((requirement) =>
          requirementBlocks(
            requirement,
            requirement.statement === null ? undefined : statements.get(requirement.statement.name),
            blocks,
          ),
        ),
      })),
      ...sampleSections(samples),
    ],
    figures,
    data: {
      standard: { name: standard.name, title: standard.title, uri: standard.uri },
      coverage: {
        ...gathered.coverage,
        problems: gathered.coverage.problems.map((problem) => ({ ...problem })),
        sources: gathered.coverage.sources.map((source) => ({ ...source, hours: { ...source.hours } })),
        hours: { ...gathered.coverage.hours },
      },
      looks: looks.map((look) => ({ ...look })),
      requirements: requirements.map((requirement) => requirementJson(requirement, gathered)),
    },
    samples,
    assessment: {
      title: standard.title,
      standard: standard.uri,
      observations: observations(standard, gathered, figures, samples, statements),
      log: verifierLog(gathered),
    },
  };
}

const sampleFiles = ({ populations, samples }: Gathered): SampleFile[] =>
  [...samples]
    .filter(([, rows]) => rows.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, rows]) => ({ name, population: populations.get(name)!.rows, rows }));

function figuresOf({ id, evidence }: Requirement, gathered: Gathered): ReportFigure[] {
  return evidence.flatMap((one): ReportFigure[] => {
    if (one.kind === 'facts') return [];
    const key = keyOf(one);
    if (one.kind === 'population') {
      const { rows, failures, actors, first, last } = gathered.populations.get(one.question)!;
      const origin = `from-${one.question}`;
      const values = { rows, failures, identities: actors, first, last };
      return Object.entries(values).map(([name, value]) => ({
        id: `${id}/${one.question}/${name}`,
        name: `${one.says}: ${name}`,
        value,
        origin,
      }));
    }
    const answer = gathered.answers.get(key)!;
    const value = one.kind === 'count' ? countOf(answer) : answer.rows.length;
    return [{ id: `${id}/${key}/rows`, name: `${one.says}: rows`, value, origin: answer.origin.id }];
  });
}

function requirementJson(requirement: Requirement, gathered: Gathered) {
  const { id, title, control, reach, notCovered, statement, evidence } = requirement;
  return {
    id,
    title,
    control,
    logs: reach,
    notCovered: [...notCovered],
    statementNeeded: statement === null ? null : { ...statement },
    evidence: evidence.map((one) => {
      if (one.kind === 'facts') return { kind: one.kind, facts: one.facts };
      const shown = { kind: one.kind, question: one.question, says: one.says };
      if (one.kind === 'population') {
        const { drawn: _, sources, ...counts } = gathered.populations.get(one.question)!;
        return { ...shown, origin: `from-${one.question}`, ...counts, sources: { ...sources } };
      }
      const answer = gathered.answers.get(keyOf(one))!;
      if (one.kind === 'count') return { ...shown, origin: answer.origin.id, rows: countOf(answer) };
      return { ...shown, origin: answer.origin.id, answer: answerJson(answer) };
    }),
  };
}
