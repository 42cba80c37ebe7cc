import { nativeViews } from '../../connectors/native-views.ts';
import { ENGINES } from '../../engine/athena/choose.ts';
import { FORMATS, renderer } from '../../engine/format/renderer.ts';
import { snapshotAt } from '../../engine/lake-snapshot.ts';
import type { Parameters } from '../../engine/parameters.ts';
import type { QueryRequest, QuerySummary } from '../../engine/query.ts';
import { queryToParquet } from '../../engine/query-parquet.ts';
import { type StatementCoverage, tryVerdictOf, withCoverage } from '../../exports/query-coverage.ts';
import { bindParameters, questionByName } from '../../queries/question.ts';
import type { Deed, Recorder } from '../../stages/custody.ts';
import { readHead } from '../../tables/head.ts';
import { AT_OPTIONS, openToRead } from '../at-option.ts';
import { type Command, flagOption, type Invocation, listOption, textOption } from '../command.ts';
import { RECORD_OPTIONS, recorderFor } from '../custody-options.ts';
import { CUT } from '../exit-codes.ts';
import { fileToWrite, outsideLake } from '../out-place.ts';
import { timed } from '../progress.ts';
import { type Asking, answerFor, engineOf } from '../query-engine.ts';
import { explain } from '../query-plan.ts';
import { describeQuestion, listQuestions } from '../question-text.ts';
import { counted, harmless, jsonText, paint, say, terminalWidth } from '../terminal.ts';
import { byteCount, UsageError, wholeNumber } from '../usage-error.ts';

export const queryCommand: Command = {
  name: 'query',
  summary: 'ask the lake in SQL, or ask a saved question',
  usage: '<sql> | --name <question> [--param k=v …] [--case X] | --list [group or word]',
  about:
    "One SELECT in DuckDB's SQL over events, flows, timeline, quarantine, evidence, coverage and the native views (aws_cloudtrail,\n" +
    'azure_activity, gcp_audit, …). It runs in a process of its own that can read this lake and nothing else.\n' +
    'Who asked what, and how many rows left, is on record before the first row leaves: `akashi custody`.',
  words: 'any',
  options: {
    name: { type: 'string', value: 'question', help: 'Ask a saved question; with --help, all about it' },
    param: {
      type: 'string',
      multiple: true,
      value: 'k=v',
      help: 'A value for $k of the SQL or of the saved question',
    },
    list: {
      type: 'boolean',
      help: 'List the saved questions, or those of a group, technique, control or word',
    },
    format: {
      type: 'string',
      value: 'format',
      help: `${FORMATS.join(' | ')} (default: table; json with --json)`,
    },
    out: { type: 'string', value: 'file', help: 'Where --format parquet writes' },
    explain: { type: 'boolean', help: 'Show what would be read and what it would cost, and read nothing' },
    engine: {
      type: 'string',
      value: 'engine',
      help: `${ENGINES.join(' | ')} (default: auto: Athena where the lake has it and one function could not do it)`,
    },
    'max-bytes': { type: 'string', value: 'N', help: 'Refuse to read more than this: 500MB, 20GB, or bytes' },
    'max-rows': {
      type: 'string',
      value: 'N',
      help: 'Most rows to answer with (default: 1000000); exit code 3 when there are more',
    },
    timeout: { type: 'string', value: 'seconds', help: 'Longest it may take (default: 300)' },
    ...AT_OPTIONS,
    ...RECORD_OPTIONS,
  },
  examples: [
    'akashi query "select action, count(*) from events group by action order by 2 desc limit 20"',
    "akashi query 'select * from events where src_ip = $ip order by time' --param ip=198.51.100.7",
    'akashi query --list sign-in',
    'akashi query --name who-did-what --param who=alice --format csv > alice.csv',
    'akashi query "select * from flows" --format parquet --out flows.parquet',
    'akashi query "select * from events where time >= \'2026-01-01\'" --explain',
  ],
  run,
  helpOn: (values, json) => {
    const name = values['name'];
    return typeof name === 'string' ? describeQuestion(questionByName(name), json) : null;
  },
};

async function run(invocation: Invocation): Promise<number> {
  if (flagOption(invocation, 'list')) {
    process.stdout.write(`${listQuestions(invocation.words.join(' '), invocation.json)}\n`);
    return 0;
  }
  const { sql, parameters } = statement(invocation);
  const format = textOption(invocation, 'format') ?? (invocation.json ? 'json' : 'table');
  if (!FORMATS.includes(format))
    throw new UsageError(`"${format}" is no format. Use one of ${FORMATS.join(', ')}.`);
  if (format !== 'parquet' && textOption(invocation, 'out') !== undefined) {
    throw new UsageError('--out goes with --format parquet; redirect other formats (`> file`).');
  }
  const maxRows = wholeNumber('max-rows', textOption(invocation, 'max-rows'), 1, 1_000_000_000);
  const seconds = wholeNumber('timeout', textOption(invocation, 'timeout'), 1, 86_400);
  const maxReadBytes = byteCount('max-bytes', textOption(invocation, 'max-bytes'));
  const lake = await openToRead(invocation);
  const { head } = await readHead(lake.state);
  const asking = await engineOf(invocation, lake, head, format);
  const request: QueryRequest = {
    sql,
    parameters,
    snapshot: await snapshotAt(lake, head),
    views: nativeViews(),
    ...(maxReadBytes === undefined ? {} : { maxReadBytes }),
    limits: {
      ...(maxRows === undefined ? {} : { maxRows }),
      ...(seconds === undefined ? {} : { timeoutMillis: seconds * 1000 }),
    },
  };
  return withCoverage(lake, request, Date.now() * 1000, async (whole) => {
    if (flagOption(invocation, 'explain')) return explain(whole, asking, invocation.json);
    const recorder = await recorderFor(invocation, lake, head);
    const name = textOption(invocation, 'name');
    const subject = name === undefined ? sql : `question ${name}: ${sql}`;
    const deed: Deed = { action: 'query', subject, parameters };
    if (format === 'parquet') return toParquet(whole, recorder, deed, invocation, lake.root);
    const coverage = format === 'json' ? () => tryVerdictOf(lake, whole, Date.now() * 1000, notice) : null;
    const isCut = await print(whole, asking, recorder, deed, format, coverage);
    if (name !== undefined && format === 'table') noticeDefaults(invocation, name);
    return isCut ? CUT : 0;
  });
}

/** The SQL and its parameters: given as words, or a saved question's. */
function statement(invocation: Invocation): { sql: string; parameters: Parameters } {
  const name = textOption(invocation, 'name');
  const given = givenParameters(listOption(invocation, 'param'));
  if (name !== undefined) {
    if (invocation.words.length > 0) throw new UsageError('give SQL or --name, not both.');
    const question = questionByName(name);
    return { sql: question.sql, parameters: bindParameters(question, given) };
  }
  const [sql, ...more] = invocation.words;
  if (sql === undefined)
    throw new UsageError('query needs SQL, --name or --list: `akashi query "select …"`.');
  if (more.length > 0)
    throw new UsageError(
      `the SQL must be one word for the shell: put it in quotes ("${more[0]}" came after it).`,
    );
  return { sql, parameters: Object.fromEntries(given) };
}

function givenParameters(list: readonly string[]): Map<string, string> {
  return new Map(
    list.map((text) => {
      const equals = text.indexOf('=');
      if (equals <= 0) throw new UsageError(`--param takes name=value, but "${text}" was given.`);
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

/** Whether a limit cut the answer short. */
async function print(
  request: QueryRequest,
  asking: Asking,
  recorder: Recorder,
  deed: Deed,
  format: string,
  coverage: (() => Promise<StatementCoverage | null>) | null,
): Promise<boolean> {
  const { stdout } = process;
  const { answer, batches } = await answerFor(request, asking, recorder, deed);
  const render = renderer(format, { width: terminalWidth(), terminal: stdout.isTTY === true });
  await write(render.begin(answer.columns));
  for await (const batch of batches) await write(render.rows(batch));
  const summary = await answer.summary;
  await write(render.end(coverage === null ? summary : { ...summary, coverage: await coverage() }));
  noticeTruncation(summary, format);
  return summary.truncated !== null;
}

/** The answer is out and stands; only what is held of its time cannot be told. */
function notice(error: unknown): void {
  const why = harmless(error instanceof Error ? error.message : String(error));
  process.stderr.write(
    `${paint('yellow', 'akashi:', process.stderr)} coverage is null, because it cannot be told: ${why}\n`,
  );
}

/** A saved question asks about somebody even where nobody was named: that must not pass for an answer about all. */
function noticeDefaults(invocation: Invocation, name: string): void {
  const given = givenParameters(listOption(invocation, 'param'));
  const assumed = questionByName(name).parameters.filter(
    ({ name: parameter, type, default: value }) => type === 'text' && value && !given.has(parameter),
  );
  if (assumed.length === 0) return;
  const list = assumed.map(({ name: parameter, default: value }) => `${parameter}=${value}`).join(', ');
  process.stderr.write(
    `${paint('yellow', 'akashi:', process.stderr)} asked with ${list}, since nothing else was given; --param ${assumed[0]!.name}=… asks for another\n`,
  );
}

/** Waits while the reader is behind, so that a long answer is never held in memory. */
async function write(text: string): Promise<void> {
  if (text === '' || process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

/** Formats without a footer of their own must not hide that there is more. */
function noticeTruncation({ truncated, rowCount }: QuerySummary, format: string): void {
  if (truncated === null || format === 'table') return;
  const what = truncated === 'rows' ? '--max-rows' : 'the size of an answer';
  say(`the answer was cut after ${counted(rowCount, 'row')} by ${what}; there are more`);
}

async function toParquet(
  request: QueryRequest,
  { record }: Recorder,
  deed: Deed,
  invocation: Invocation,
  root: string,
): Promise<number> {
  const out = textOption(invocation, 'out');
  if (out === undefined) throw new UsageError('--format parquet needs --out <file>.');
  await fileToWrite('out', out);
  await outsideLake('out', out, root);
  const beforePlaced = async (rows: number) => {
    await record({ ...deed, rows });
  };
  const { rowCount, seconds, head } = await timed('query', () => queryToParquet(request, out, beforePlaced));
  const text = invocation.json
    ? jsonText({ out, rowCount, seconds, head })
    : `${counted(rowCount, 'row')} written to ${harmless(out)} in ${seconds.toFixed(1)} s`;
  process.stdout.write(`${text}\n`);
  return 0;
}
