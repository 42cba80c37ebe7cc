/** One requirement on the page: what is looked at, what was seen, what logs do not cover, and what a person states. */

import type { UnitVerdict } from '../../../ledger/coverage/states.ts';
import type { Block, Inline, Run, Table, TableRow, Tone } from '../../page/page.ts';
import { isoText, numberText } from '../cell-text.ts';
import type { Origin } from '../origin.ts';
import type { Statement } from '../statements.ts';
import { answerTable } from '../table-block.ts';
import { type FactOrigins, factBlock } from './fact-blocks.ts';
import { type Gathered, keyOf } from './gather.ts';
import { countOf, lookTexts, marks } from './looks.ts';
import type { Evidence, Reach, Requirement } from './requirement.ts';

export const REACH: Readonly<Record<Reach, { readonly text: string; readonly tone: Tone }>> = {
  shown: { text: 'logs show it', tone: 'good' },
  supports: { text: 'logs support it', tone: 'plain' },
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
  return {
    kind: 'table',
    columns: [
      { title: 'What was counted', width: 3 },
      { title: 'Question', width: 2, mono: true },
      { title: 'Number', align: 'right' },
      { title: 'Failed', align: 'right' },
      { title: 'Identities', align: 'right' },
      { title: 'First and last', width: 2 },
      { title: 'Sample' },
    ],
    rows: counts.map((one) => {
      const look = lookTexts(one, context.gathered).length > 0;
      return { ...countRow(one, context), ...(look ? { tone: 'warn' as const } : {}) };
    }),
  };
}

function countRow(
  one: Extract<Evidence, { kind: 'population' | 'count' }>,
  { gathered, originOf, sampleOf }: BlockContext,
): TableRow {
  const name = [
    one.question,
    ...Object.entries(one.parameters ?? {}).map(([key, value]) => `${key}=${value}`),
  ];
  if (one.kind === 'count') {
    const answer = gathered.answers.get(keyOf(one))!;
    return {
      cells: [capital(one.says), name.join(' '), [number(countOf(answer), answer.origin)], '', '', '', ''],
    };
  }
  const { rows, failures, actors, first, last } = gathered.populations.get(one.question)!;
  const origin = originOf(one.question);
  const drawn = gathered.samples.get(one.question)?.length ?? 0;
  const path = sampleOf(one.question);
  return {
    cells: [
      capital(one.says),
      name.join(' '),
      [number(rows, origin)],
      [number(failures, origin)],
      [number(actors, origin)],
      first === null ? '' : first === last ? isoText(first) : `${isoText(first)}\n${isoText(last)}`,
      path === null ? '' : [{ text: `${drawn} events`, to: `sample-${one.question}` }],
    ],
  };
}

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
