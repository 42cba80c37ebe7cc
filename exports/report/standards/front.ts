/** The front of a standard's report: what to look at, the requirements at a glance, and how complete the logs are. */

import type { Block, Section, Table } from '../../page/page.ts';
import { isoText, numberText } from '../cell-text.ts';
import type { ReportContext } from '../context.ts';
import type { Statements } from '../statements.ts';
import type { FactOrigins } from './fact-blocks.ts';
import type { Gathered } from './gather.ts';
import type { Look } from './looks.ts';
import { requirementsOf, type Standard } from './requirement.ts';
import { anchorOf, REACH, VERDICT_TONE } from './requirement-blocks.ts';

export function frontSections(
  standard: Standard,
  { state, period }: ReportContext,
  gathered: Gathered,
  looks: readonly Look[],
  statements: Statements,
): Section[] {
  const requirements = requirementsOf(standard);
  const wanted = requirements.filter(({ statement }) => statement !== null);
  const given = wanted.filter(({ statement }) => statements.has(statement!.name)).length;
  const of = (reach: keyof typeof REACH) => requirements.filter((one) => one.reach === reach).length;
  const notes: Block[] = [];
  if (gathered.coverage.verdict === null)
    notes.push({
      kind: 'note',
      tone: 'bad',
      title: 'Nothing is held of this period',
      text: 'No record in this lake has a time within it, so every count below is 0 and shows nothing. Is it the right lake, and the right period?',
    });
  if (Date.parse(state.instant) < period.to.getTime())
    notes.push({
      kind: 'note',
      tone: 'warn',
      title: 'The period ends after the snapshot',
      text: `The newest thing in the ledger is of ${state.instant}; nothing can be said of the time after it.`,
    });
  return [
    {
      id: 'glance',
      title: 'At a glance',
      blocks: [
        ...notes,
        {
          kind: 'figures',
          figures: [
            { name: 'Requirements', value: numberText(requirements.length), to: 'requirements' },
            { name: 'Seen in logs', value: numberText(of('shown')), to: 'requirements' },
            { name: 'Seen in part', value: numberText(of('supports')), to: 'requirements' },
            { name: 'Need a person', value: numberText(of('person')), to: 'requirements' },
            {
              name: 'Statements given',
              value: `${given} of ${wanted.length}`,
              to: 'requirements',
              tone: given < wanted.length ? 'warn' : 'plain',
            },
            {
              name: 'To look at',
              value: numberText(grouped(looks).length),
              to: 'look',
              tone: looks.length > 0 ? 'warn' : 'plain',
            },
          ],
        },
      ],
    },
    {
      id: 'look',
      title: 'To look at first',
      blocks: [
        {
          kind: 'text',
          text: 'What the figures single out by a fixed rule. None of it is a finding: much has a good reason, which whoever answers for it can give.',
        },
        looks.length === 0
          ? { kind: 'text', text: 'Nothing is singled out.' }
          : {
              kind: 'list',
              items: grouped(looks).map(([text, own]) => [
                { text: `${text} (` },
                ...own.flatMap((id, at) => [
                  ...(at === 0 ? [] : [{ text: ', ' }]),
                  { text: id, to: anchorOf(id), strong: true as const },
                ]),
                { text: ')' },
              ]),
            },
      ],
    },
    {
      id: 'requirements',
      title: 'Requirements',
      blocks: [requirementTable(standard, looks, statements)],
    },
  ];
}

/** The same thing said of several requirements is said once. */
function grouped(looks: readonly Look[]): readonly (readonly [string, readonly string[]])[] {
  const texts = new Map<string, string[]>();
  for (const { requirement, text } of looks) texts.set(text, [...(texts.get(text) ?? []), requirement]);
  return [...texts];
}

function requirementTable(standard: Standard, looks: readonly Look[], statements: Statements): Table {
  return {
    kind: 'table',
    columns: [
      { title: 'No.' },
      { title: 'What it asks for, in our words', width: 5 },
      { title: 'Logs', width: 2 },
      { title: 'To look at', align: 'right' },
      { title: 'Statement', width: 2 },
    ],
    rows: requirementsOf(standard).map(({ id, title, reach, statement }) => {
      const count = looks.filter((look) => look.requirement === id).length;
      return {
        cells: [
          [{ text: id, to: anchorOf(id) }],
          title,
          [{ text: REACH[reach].text, tone: REACH[reach].tone }],
          count === 0 ? '' : [{ text: String(count), to: 'look' }],
          statement === null
            ? 'not asked for'
            : statements.has(statement.name)
              ? [{ text: 'given', tone: 'good' }]
              : [{ text: 'missing', tone: 'warn' }],
        ],
      };
    }),
  };
}

export function coverageSection({ coverage }: Gathered, { coverage: origin, state }: FactOrigins): Section {
  const number = (value: number) => [{ text: numberText(value), to: origin.id }];
  const problems = coverage.problems.map(({ from, to, source, account, region, verdict, problem }) => ({
    cells: [
      [{ text: verdict, tone: VERDICT_TONE[verdict] }],
      isoText(from),
      isoText(to),
      [source, account, region].filter((part) => part !== null).join(' '),
      problem ?? '',
    ],
  }));
  return {
    id: 'coverage',
    title: 'How complete the logs are',
    blocks: [
      {
        kind: 'text',
        text: `Every count in this report is of what is held. Each hour of each source, account and region is judged as of ${state.instant}: complete by the provider's own digests, presumed after the provider's stated delay, pending before it; unknown where nothing can be said, silent where there usually is something, a gap where something declared is missing.`,
      },
      {
        kind: 'table',
        caption: 'Hours of the period by source',
        columns: [
          { title: 'Source', width: 2 },
          { title: 'Gravest' },
          ...VERDICTS.map((title) => ({ title, align: 'right' }) as const),
          { title: 'Claimed complete before', width: 2 },
        ],
        rows: coverage.sources.map(({ source, verdict, hours, claimedBefore }) => ({
          cells: [
            source,
            [{ text: verdict, tone: VERDICT_TONE[verdict] }],
            ...VERDICTS.map((name) => number(hours[name])),
            claimedBefore === null ? 'not claimed' : isoText(claimedBefore),
          ],
        })),
        empty: 'Nothing is held of the period.',
      },
      {
        kind: 'table',
        caption: `Gaps and silences${coverage.problemsLeftOut > 0 ? `, the first ${problems.length} of ${numberText(problems.length + coverage.problemsLeftOut)}` : ''}`,
        columns: [
          { title: 'Verdict' },
          { title: 'From', width: 2 },
          { title: 'Until', width: 2 },
          { title: 'Stream', width: 3 },
          { title: 'Problem', width: 2 },
        ],
        rows: problems,
        empty: 'None is known.',
      },
      ...(coverage.judged
        ? []
        : [
            {
              kind: 'note',
              tone: 'quiet',
              title: 'No digest of a provider was judged',
              text: 'So no hour is complete by proof. For CloudTrail, akashi digests --record makes its digest files count here; other providers have none.',
            } as const,
          ]),
    ],
  };
}

const VERDICTS = ['complete', 'presumed', 'pending', 'unknown', 'silent', 'gap'] as const;
