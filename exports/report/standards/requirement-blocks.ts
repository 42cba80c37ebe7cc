/** One requirement on the page: what is looked at, what was seen, what logs do not cover, and what a person states. */

import type { UnitVerdict } from '../../../ledger/coverage/states.ts';
import type { Block, Inline, Run, Table, Tone } from '../../page/page.ts';
import { numberText } from '../cell-text.ts';
import type { Origin } from '../origin.ts';
import type { Statement } from '../statements.ts';
import { answerTable } from '../table-block.ts';
import { type FactOrigins, factBlock } from './fact-blocks.ts';
import { type Gathered, keyOf } from './gather.ts';
import { countOf, lookTexts, marks } from './looks.ts';
import type { Evidence, Reach, Requirement } from './requirement.ts';

export const REACH: Readonly<Record<Reach, { readonly text: string; readonly tone: Tone }>> = {
  shown: { text: 'seen in logs', tone: 'plain' },
  supports: { text: 'seen in part', tone: 'quiet' },
  person: { text: 'needs a person', tone: 'warn' },
};

/** Where a requirement stands on the page. */
export const anchorOf = (id: string): string => `r-${id}`;

export interface BlockContext {
  readonly gathered: Gathered;
  readonly origins: FactOrigins;
  /** Origin of a population, by its question. */
  readonly originOf: (question: string) => Pick<Origin, 'id'>;
  /** Path of a sample's file; null where nothing was drawn. */
  readonly sampleOf: (question: string) => string | null;
}

export function requirementBlocks(
  requirement: Requirement,
  statement: Statement | undefined,
  context: BlockContext,
): Block[] {
  const { id, title, control, reach, evidence, notCovered, statement: wanted } = requirement;
  const counts = evidence.filter((one) => one.kind === 'population' || one.kind === 'count');
  return [
    { kind: 'heading', text: `${id}  ${title}`, id: anchorOf(id) },
    {
      kind: 'facts',
      facts: [
        { name: 'Logs', value: [{ text: REACH[reach].text, tone: REACH[reach].tone }] },
        { name: 'Control looked at', value: control },
        ...(counts.length > 0 ? [{ name: 'How complete', value: completeness(context) }] : []),
      ],
    },
    ...(counts.length > 0 ? [countTable(counts, context)] : []),
    ...evidence.flatMap((one): Block[] => {
      if (one.kind === 'table') {
        const answer = context.gathered.answers.get(keyOf(one))!;
        return [
          answerTable(answer, `${capital(one.says)} (${one.question})`, (row) =>
            marks(row, one.lookIf) ? 'warn' : null,
          ),
        ];
      }
      return one.kind === 'facts' ? [factBlock(one.facts, context.gathered, context.origins)] : [];
    }),
    ...(notCovered.length > 0
      ? [
          { kind: 'text', text: [{ text: 'Not covered by logs:', strong: true }] } as const,
          { kind: 'list', items: notCovered } as const,
        ]
      : []),
    ...(wanted === null ? [] : [statementBlock(wanted.name, wanted.needs, statement)]),
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function completeness({ gathered: { coverage }, origins }: BlockContext): Inline {
  if (coverage.verdict === null) return 'nothing is held of the period';
  const { gap, silent, unknown } = coverage.hours;
  return [
    { text: coverage.verdict, tone: VERDICT_TONE[coverage.verdict], to: 'coverage' },
    { text: ' of all sources: ' },
    {
      text: `${numberText(gap)} hours with gaps, ${numberText(silent)} silent, ${numberText(unknown)} of which nothing can be said`,
      to: origins.coverage.id,
    },
  ];
}

export const VERDICT_TONE: Readonly<Record<UnitVerdict, Tone>> = {
  complete: 'good',
  presumed: 'plain',
  pending: 'quiet',
  unknown: 'warn',
  silent: 'warn',
  gap: 'bad',
};

/** What was counted, one line each. */
function countTable(
  counts: readonly Extract<Evidence, { kind: 'population' | 'count' }>[],
  context: BlockContext,
): Table {
  const drawnFrom = counts.some(({ kind }) => kind === 'population');
  return {
    kind: 'table',
    columns: [
      { title: 'What was counted', width: 3.2 },
      { title: 'Question', width: 2.8, mono: true },
      { title: 'Number', align: 'right', width: 2.5 },
      ...(drawnFrom ? POPULATION_COLUMNS : []),
    ],
    rows: counts.map((one) => {
      const look = lookTexts(one, context.gathered).length > 0;
      const cells = [...countCells(one, context), ...(drawnFrom ? populationCells(one, context) : [])];
      return { cells, ...(look ? { tone: 'warn' as const } : {}) };
    }),
  };
}

const POPULATION_COLUMNS = [
  { title: 'Failed', align: 'right', width: 2.3 },
  { title: 'Identities', align: 'right', width: 2.6 },
  { title: 'First', width: 2.2 },
  { title: 'Last', width: 2.2 },
  { title: 'Drawn', align: 'right', width: 2 },
] as const;

function countCells(
  one: Extract<Evidence, { kind: 'population' | 'count' }>,
  { gathered, originOf }: BlockContext,
): Inline[] {
  const given = Object.entries(one.parameters ?? {}).map(([key, value]) => `${key}=${value}`);
  const name = [one.question, ...given].join(' ');
  if (one.kind === 'population') {
    const { rows } = gathered.populations.get(one.question)!;
    return [capital(one.says), name, [number(rows, originOf(one.question))]];
  }
  const answer = gathered.answers.get(keyOf(one))!;
  return [capital(one.says), name, [number(countOf(answer), answer.origin)]];
}

function populationCells(
  one: Extract<Evidence, { kind: 'population' | 'count' }>,
  { gathered, originOf, sampleOf }: BlockContext,
): Inline[] {
  if (one.kind === 'count') return POPULATION_COLUMNS.map(() => '');
  const { failures, actors, first, last } = gathered.populations.get(one.question)!;
  const origin = originOf(one.question);
  const drawn = gathered.samples.get(one.question)?.length ?? 0;
  return [
    [number(failures, origin)],
    [number(actors, origin)],
    minuteText(first),
    minuteText(last),
    sampleOf(one.question) === null ? '' : [{ text: numberText(drawn), to: `sample-${one.question}` }],
  ];
}

/** `2026-09-01 08:30`. */
const minuteText = (at: string | null): string => (at === null ? '' : at.slice(0, 16).replace('T', ' '));

const number = (value: number, { id }: Pick<Origin, 'id'>): Run => ({ text: numberText(value), to: id });

function statementBlock(name: string, needs: string, statement: Statement | undefined): Block {
  if (statement === undefined)
    return {
      kind: 'note',
      tone: 'warn',
      title: 'A person’s statement is needed',
      text: `${needs} Give it as "${name}" in the file of --statements; nothing is stated so far.`,
    };
  const { by, on, text, sha256 } = statement;
  return {
    kind: 'note',
    tone: 'plain',
    title: `Stated by ${by}${on === null ? '' : `, ${on}`}: not shown by logs`,
    text: [{ text }, { text: `\nSHA-256 of this text: ${sha256}` }],
  };
}
