/** What a report is made from: one head of a lake, a period, and ways to ask that remember where each number came from. */

import { nativeViews } from '../../connectors/native-views.ts';
import { collectGarbage } from '../../engine/garbage.ts';
import { snapshotAt } from '../../engine/lake-snapshot.ts';
import { DEFAULT_LIMITS, type QueryLimits } from '../../engine/limits.ts';
import type { Parameters } from '../../engine/parameters.ts';
import { runSeries, type SeriesAnswer, type SeriesStatement } from '../../engine/query-series.ts';
import type { Cell } from '../../engine/result.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import { bindParameters, type Question, questionByName } from '../../queries/question.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Moment } from '../../stages/at.ts';
import { readVkey } from '../../stages/ledger.ts';
import { type Head, readHead } from '../../tables/head.ts';
import type { Lake } from '../../vault/lake.ts';
import { withCoverageTable } from '../coverage-table.ts';
import { type PeriodCoverage, periodCoverage } from './coverage.ts';
import { type LedgerFacts, readLedgerFacts } from './ledger-facts.ts';
import { withFastLists } from './lists.ts';
import { type Origin, queryOrigin } from './origin.ts';
import type { Period } from './period.ts';
import { type Population, populationCondition, readTally, tallyStatements } from './populations.ts';
import { drawnRows, type SampleRow, sampleStatement } from './samples.ts';

/** Something to ask: a saved question by its name, or SQL. */
export type Ask = {
  /** Letters, digits and `-`; the number's place on the page is `from-<id>`. */
  readonly id: string;
  /** What it counts, in a few words; a question's title unless said. */
  readonly title?: string;
} & (
  | {
      readonly question: string;
      /** Beside `since` and `until`, which are the period's unless given. */
      readonly parameters?: Readonly<Record<string, string>>;
      /** Only how many rows the answer has: its one row is `{ rows: n }`. */
      readonly countOnly?: boolean;
    }
  | { readonly sql: string; readonly parameters?: Readonly<Record<string, string | number | Date>> }
);

export interface Answer {
  readonly origin: Origin;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  /** There are more rows than these. */
  readonly cut: boolean;
}

/** A question whose rows are one event each, to be counted and drawn from. */
export interface PopulationAsk {
  readonly question: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The one state of the lake that every number of a report comes from. */
export interface ReportState {
  /** Name of the head: the seal's number and a hash of what it points to. */
  readonly head: string;
  readonly ledger: LedgerFacts;
  /** RFC 3339: the newest thing the ledger tells of. Stands in place of a clock; judgements of coverage are as of it. */
  readonly instant: string;
}

export interface ReportContext {
  readonly lake: Lake;
  readonly state: ReportState;
  readonly period: Period;
  /** Answers by the id of what was asked; all of it by one process of the engine, one statement after the other. */
  ask(asks: readonly Ask[]): Promise<ReadonlyMap<string, Answer>>;
  /** Populations by the name of their question, all of them counted in few scans of the period. */
  populations(asks: readonly PopulationAsk[]): Promise<ReadonlyMap<string, Population>>;
  /** The rows that were drawn from those populations, by the name of the question. */
  samples(populations: ReadonlyMap<string, Population>): Promise<ReadonlyMap<string, readonly SampleRow[]>>;
  /** What is held of a time, by source. */
  coverage(period: Period): Promise<PeriodCoverage>;
  /** Makes a number's origin part of the report; asking does so by itself. */
  cite(origin: Origin): Origin;
  /** All that was cited, in that order. */
  readonly origins: readonly Origin[];
}

export interface ContextOptions {
  /** The lake as it was; as it is, if not given. */
  readonly at?: Moment;
  /** Values for parameters of questions, by the question's name; they go before a report's own. */
  readonly parameters?: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly limits?: Partial<QueryLimits>;
  /** Whether questions on the table `coverage` can be asked, which is then derived first; yes unless said. */
  readonly coverageTable?: boolean;
  /** `done` of `total` steps, what comes next. */
  readonly onProgress?: (done: number, total: number, step: string) => void;
  readonly signal?: AbortSignal;
}

/** Rows an answer can have; a report shows the first of longer ones and says that there are more. */
const MAX_ROWS = 10_000;
/** Seconds a series may take; a year of a large lake takes minutes. */
const SERIES_SECONDS = 3_600;

/** Enough for most lakes, so that a report takes less than 1 GB altogether; bytes. */
const SERIES_MEMORY = Math.min(DEFAULT_LIMITS.memoryBytes, 576 * 2 ** 20);

/** What a lake that was never sealed has as its instant. */
const NEVER = '1970-01-01T00:00:00.000Z';

/**
 * Runs `work` over one head of the lake. The lake may grow meanwhile: everything asked is asked of that head. Throws what
 * reading the ledger throws: SNAPSHOT_NONE, SNAPSHOT_EXPIRED, KEY_MISSING, LEDGER_DAMAGED, LEDGER_MISSING.
 */
export async function withReportContext<T>(
  lake: Lake,
  period: Period,
  options: ContextOptions,
  work: (context: ReportContext) => Promise<T>,
): Promise<T> {
  const { head: newest } = await readHead(lake.state);
  const { head, facts: ledger } = await readLedgerFacts(lake, newest, await readVkey(lake.root), options.at);
  const snapshot = await snapshotAt(lake, head);
  const asOf = ledger.newest ?? 0;
  const instant = ledger.newest === null ? NEVER : new Date(Math.floor(asOf / 1000)).toISOString();
  const state = { head: snapshot.head, ledger, instant };
  const over = async (whole: Snapshot) => {
    const context = contextOf(lake, head, whole, state, period, options);
    const result = await work(context);
    refuseUnasked(context, options);
    return result;
  };
  return options.coverageTable === false
    ? over(snapshot)
    : withCoverageTable(lake, snapshot, asOf, over, head);
}

/** A value for a question that the report does not ask would pass for one that was heeded. */
function refuseUnasked({ origins }: ReportContext, { parameters = new Map() }: ContextOptions): void {
  const asked = new Set(origins.map(({ question }) => question));
  const unasked = [...parameters.keys()].find((name) => !asked.has(name));
  if (unasked !== undefined)
    throw new AkashiError(
      'QUESTION_PARAMETER',
      `A value was given for "${unasked}", and this report does not ask that question.`,
    );
}

function contextOf(
  lake: Lake,
  head: Head,
  snapshot: Snapshot,
  state: ReportState,
  period: Period,
  { limits = {}, parameters: chosen = new Map(), coverageTable, onProgress, signal }: ContextOptions,
): ReportContext {
  const boundTo = (question: Question, own: Readonly<Record<string, string>>) =>
    bound(question, { ...own, ...chosen.get(question.name) }, period);
  const origins = new Map<string, Origin>();
  const cite = (origin: Origin): Origin => {
    if (!origins.has(origin.id)) origins.set(origin.id, origin);
    return origin;
  };
  let [done, total] = [0, 0];
  async function series(statements: readonly (SeriesStatement & { readonly step: string })[]) {
    const answers: SeriesAnswer[] = [];
    total += statements.length;
    // What was read so far would otherwise lie about beside the engine's process.
    await collectGarbage();
    const tell = () => onProgress?.(done, total, statements[answers.length]?.step ?? '');
    tell();
    const request = {
      snapshot,
      views: nativeViews(),
      limits: { timeoutMillis: SERIES_SECONDS * 1000, maxRows: MAX_ROWS, ...limits },
      ...(signal === undefined ? {} : { signal }),
    };
    const run = async (memory: Partial<QueryLimits>) => {
      const left = statements.slice(answers.length);
      const own = { ...request, limits: { ...request.limits, ...memory } };
      for await (const answer of runSeries(own, left.map(withOwnLists))) {
        answers.push(answer);
        done++;
        tell();
      }
    };
    try {
      await run({ memoryBytes: SERIES_MEMORY });
    } catch (error) {
      if (!(error instanceof AkashiError && error.code === 'SQL_MEMORY')) throw error;
      // What so little is too little for takes as much as any query may, from that statement on.
      await run({});
    }
    return answers;
  }

  return {
    lake,
    state,
    period,
    cite,
    get origins() {
      return [...origins.values()];
    },
    async ask(asks) {
      if (coverageTable === false) refuseCoverage(asks);
      const stated = asks.map((ask) => statementOf(ask, boundTo));
      const answers = await series(stated.map(({ run, origin }) => ({ ...run, step: origin.title })));
      return new Map(
        asks.map(({ id }, at) => [id, answerOf(cite(stated[at]!.origin), answers[at]!)] as const),
      );
    },
    async populations(asks) {
      const known = asks.map(({ question: name, parameters = {} }) => {
        const question = questionByName(name);
        return { question, bound: boundTo(question, parameters), condition: populationCondition(question) };
      });
      if (known.length === 0) return new Map();
      const answers = await series(
        tallyStatements(known, period, state.ledger.root).map((statement) => ({
          ...statement,
          step: 'events that questions ask for',
        })),
      );
      for (const { question, bound } of known)
        cite(
          queryOrigin(
            `from-${question.name}`,
            question.title,
            question.name,
            question.sql,
            bound,
            defaultsOf(question, bound),
          ),
        );
      return readTally(
        known.map(({ question }) => question.name),
        answers,
      );
    },
    async samples(populations) {
      const statement = sampleStatement(populations, period);
      if (statement === null) return new Map();
      const [answer] = await series([{ ...statement, step: 'samples' }]);
      return drawnRows(populations, answer!, state.ledger.evidence);
    },
    coverage: (asked) => periodCoverage(lake, head, asked, Date.parse(state.instant) * 1000),
  };
}

/** Without its table a question on coverage would find nothing, and pass for an answer. */
function refuseCoverage(asks: readonly Ask[]): void {
  const asked = asks.find(
    (ask) => 'question' in ask && questionByName(ask.question).tables.includes('coverage'),
  );
  if (asked !== undefined)
    throw new AkashiError(
      'REPORT_INVALID',
      `"${asked.id}" asks for coverage, which this report does not derive.`,
    );
}

const withOwnLists = (statement: SeriesStatement): SeriesStatement => ({
  ...statement,
  sql: withFastLists(statement.sql),
});

type Bind = (question: Question, own: Readonly<Record<string, string>>) => ReturnType<typeof bound>;

function statementOf(ask: Ask, boundTo: Bind): { run: SeriesStatement; origin: Origin } {
  const id = `from-${ask.id}`;
  if ('sql' in ask) {
    const parameters = ask.parameters ?? {};
    return {
      run: { sql: ask.sql, parameters },
      origin: queryOrigin(id, ask.title ?? ask.id, null, ask.sql, parameters),
    };
  }
  const question = questionByName(ask.question);
  const parameters = boundTo(question, ask.parameters ?? {});
  const sql = ask.countOnly === true ? `select count(*) as rows from (\n${question.sql}\n)` : question.sql;
  return {
    run: { sql, parameters },
    origin: queryOrigin(
      id,
      ask.title ?? question.title,
      question.name,
      question.sql,
      parameters,
      defaultsOf(question, parameters),
    ),
  };
}

/** A question's values: as given, else the period for `since` and `until`, else its defaults. */
function bound(
  question: Question,
  given: Readonly<Record<string, string>>,
  { from, to }: Period,
): Exclude<Parameters, readonly unknown[]> & Record<string, string | number | Date> {
  const own = Object.entries({ since: from.toISOString(), until: to.toISOString() }).filter(([name]) =>
    question.parameters.some((parameter) => parameter.name === name),
  );
  return bindParameters(question, new Map([...own, ...Object.entries(given)]));
}

/** Parameters that hold what they hold where nothing is given. */
const defaultsOf = (
  { parameters }: Question,
  bound: Readonly<Record<string, string | number | Date>>,
): string[] =>
  parameters
    .filter(({ name, type, default: value }) => {
      const held = bound[name]!;
      return (
        value !== null &&
        (type === 'time' ? new Date(value).getTime() === Number(held) : value === String(held))
      );
    })
    .map(({ name }) => name);

const answerOf = (origin: Origin, { columns, rows, truncated }: SeriesAnswer): Answer => ({
  origin,
  columns: columns.map(({ name }) => name),
  rows: rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null]))),
  cut: truncated !== null,
});
