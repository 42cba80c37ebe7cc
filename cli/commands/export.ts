import { nativeViews } from '../../connectors/native-views.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import type { Parameters } from '../../engine/parameters.ts';
import { exportOcsfLines } from '../../exports/ocsf-lines.ts';
import { exportOcsfParquet } from '../../exports/ocsf-parquet.ts';
import {
  countRows,
  type ExportBase,
  rowsBetween,
  rowsOf,
  type Selection,
} from '../../exports/ocsf-selection.ts';
import { bindParameters, questionByName } from '../../queries/question.ts';
import type { Deed } from '../../stages/custody.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import { type Command, type Invocation, listOption, textOption } from '../command.ts';
import { RECORD_OPTIONS, recorderFor } from '../custody-options.ts';
import { emptyFolder, fileToWrite, outsideLake } from '../out-place.ts';
import { timed } from '../progress.ts';
import { bytesText, counted, grouped, harmless, jsonText, paint, textTable } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { ICEBERG_OPTIONS, runIceberg } from './export-iceberg.ts';
import { givenParameters, timeOption } from './export-options.ts';
import { PACKAGE_OPTIONS, runPackage } from './export-package.ts';

/** What an export can be written as. */
const FORMATS: Readonly<Record<string, (job: Job) => Promise<Written>>> = {
  ocsf: ({ base, selections, out, onProgress }) => exportOcsfLines(base, selections, out, onProgress),
  'ocsf-parquet': ({ base, selections, out, onProgress }) =>
    exportOcsfParquet(base, selections, out, onProgress),
};

interface Job {
  readonly base: ExportBase;
  readonly selections: readonly Selection[];
  readonly out: string;
  readonly onProgress: (records: number) => void;
}

interface Written {
  readonly schema: string;
  readonly records: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly withoutTime: number;
  readonly invalid?: number;
  readonly problems?: readonly { readonly path: string; readonly problem: string }[];
  readonly bytes: number;
  readonly seconds: number;
  readonly head: string;
}

export const exportCommand: Command = {
  name: 'export',
  summary:
    'write an evidence package that strangers can verify; or OCSF records, or Iceberg, for other tools',
  usage:
    '--out F --name Q | --sql … | --since T --until T [--case X] [--zip] [--format ocsf|ocsf-parquet], or --iceberg F',
  about:
    'A package (BagIt) holds the answer to a question, the evidence it is from, proofs, coverage and counts; README.txt in it\n' +
    'says how to check it with python3 and openssl. With --case it holds its own custody record, which names its manifest.\n' +
    '--format ocsf writes JSON lines, one record each, every one checked against the schema version it names. ocsf-parquet writes a\n' +
    "folder with one file per class, nested as the class's view is (ocsf_api_activity, ocsf_authentication, …). Without --sql\n" +
    'or --name, all events and flows of the time are taken. --iceberg writes every table as Apache Iceberg, or brings an\n' +
    'earlier such export up to date.',
  options: {
    format: {
      type: 'string',
      value: 'format',
      help: `package (default) | ${Object.keys(FORMATS).join(' | ')}`,
    },
    out: { type: 'string', value: 'path', help: 'The file to write, or for Parquet a folder, new or empty' },
    since: {
      type: 'string',
      value: 'time',
      help: 'From this time on, e.g. 2024-01-31 or 2024-01-31T09:00:00Z',
    },
    until: { type: 'string', value: 'time', help: 'Before this time' },
    sql: { type: 'string', value: 'sql', help: 'Only these rows: select * from events where …' },
    name: { type: 'string', value: 'question', help: 'Only the rows of a saved question' },
    param: {
      type: 'string',
      multiple: true,
      value: 'k=v',
      help: 'A value for $k of the SQL or the question',
    },
    ...PACKAGE_OPTIONS,
    ...ICEBERG_OPTIONS,
    ...RECORD_OPTIONS,
  },
  examples: [
    'akashi export --name who-did-what --param who=alice --case INC-42 --out inc-42.zip --zip',
    `akashi export --sql "select * from events where src_ip = '198.51.100.7'" --records slices --out evidence/`,
    'akashi export --name root-use --case INC-42 --encrypt-to age1… --out inc-42.zip.age',
    'akashi export --format ocsf --out trail.jsonl',
    'akashi export --format ocsf --out march.jsonl --since 2024-03-01 --until 2024-04-01',
    `akashi export --format ocsf-parquet --out ocsf/ --sql "select * from events where actor_name = 'alice'"`,
    'akashi export --iceberg warehouse/',
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  if (textOption(invocation, 'iceberg') !== undefined) return runIceberg(invocation);
  const format = textOption(invocation, 'format') ?? PACKAGE;
  if (format === PACKAGE) return runPackage(invocation);
  if (!Object.hasOwn(FORMATS, format))
    throw new UsageError(`--format must be one of ${[PACKAGE, ...Object.keys(FORMATS)].join(', ')}.`);
  const alien = Object.keys(PACKAGE_OPTIONS).find((name) => invocation.values[name] !== undefined);
  if (alien !== undefined)
    throw new UsageError(`--${alien} is of packages, and --format ${format} writes none.`);
  const out = textOption(invocation, 'out');
  if (out === undefined || out === '') throw new UsageError('export needs --out <path>.');
  await (format === 'ocsf' ? fileToWrite : emptyFolder)('out', out);
  const choose = chosenRows(invocation);
  const lake = await openLakeForReading(invocation.lake);
  await outsideLake('out', out, lake.root);
  const base: ExportBase = { snapshot: await readSnapshot(lake), views: nativeViews(), limits: WHOLE };
  const selections = await choose(base);
  const { record } = await recorderFor(invocation, lake);
  const deed: Deed = { action: 'export', ...subjectOf(invocation), result: `${format} to ${out}` };
  const written = await timed('export', async (tell) => {
    const total = await expectedRows(base, selections);
    const onProgress = (records: number) => tell(`${grouped(records)} records`, records, total);
    const begun = await record(deed);
    const all = await FORMATS[format]!({ base, selections, out, onProgress });
    if (begun !== null) await record({ ...deed, rows: all.records, completes: begun });
    return all;
  });
  const text = invocation.json ? jsonText({ out, format, ...written }) : summary(written, out);
  process.stdout.write(`${text}\n`);
  return (written.invalid ?? 0) > 0 ? 1 : 0;
}

/** The format where none is named. */
const PACKAGE = 'package';

/** An export is never cut short. */
const WHOLE = { maxRows: 1e15, maxBytes: 2 ** 50, timeoutMillis: 7 * 86_400_000 };

/** Only somebody who watches is told how much is left. */
async function expectedRows(base: ExportBase, selections: readonly Selection[]): Promise<number> {
  if (!process.stderr.isTTY) return 0;
  let total = 0;
  for (const selection of selections) total += await countRows(base, selection);
  return total;
}

/** Which rows are meant; misuse is told before the lake is opened. */
function chosenRows(invocation: Invocation): (base: ExportBase) => Promise<Selection[]> {
  const [since, until] = [timeOption(invocation, 'since'), timeOption(invocation, 'until')];
  const sql = textOption(invocation, 'sql');
  const name = textOption(invocation, 'name');
  const given = givenParameters(listOption(invocation, 'param'));
  if (sql !== undefined && name !== undefined) throw new UsageError('give --sql or --name, not both.');
  if (sql === undefined && name === undefined) {
    if (given.size > 0) throw new UsageError('--param needs --sql or --name.');
    return async () => rowsBetween(since, until);
  }
  if (since !== null || until !== null)
    throw new UsageError(
      '--since and --until choose rows by themselves; put the times into the SQL or --param.',
    );
  const statement: { sql: string; parameters: Parameters } =
    name === undefined ? { sql: sql!, parameters: Object.fromEntries(given) } : question(name, given);
  return (base) => rowsOf(base, statement.sql, statement.parameters);
}

/** What is exported, in the words it was asked for. */
function subjectOf(invocation: Invocation): Pick<Deed, 'subject' | 'parameters'> {
  const name = textOption(invocation, 'name');
  const given = givenParameters(listOption(invocation, 'param'));
  if (name !== undefined)
    return {
      subject: `question ${name}: ${question(name, given).sql}`,
      parameters: question(name, given).parameters,
    };
  const sql = textOption(invocation, 'sql');
  if (sql !== undefined) return { subject: sql, parameters: Object.fromEntries(given) };
  const [since, until] = [timeOption(invocation, 'since'), timeOption(invocation, 'until')];
  return {
    subject: `all events and flows${since === null ? '' : ` since ${since.toISOString()}`}${until === null ? '' : ` until ${until.toISOString()}`}`,
  };
}

function question(name: string, given: ReadonlyMap<string, string>) {
  const found = questionByName(name);
  return { sql: found.sql, parameters: bindParameters(found, given) };
}

/** What was written, for a person. */
function summary({ schema, records, classes, withoutTime, ...rest }: Written, out: string): string {
  const right = true as const;
  const rows = Object.entries(classes).map(([name, count]) => [name, grouped(count)]);
  const lines = [
    ...(rows.length === 0 ? [] : [textTable([{ title: 'class' }, { title: 'records', right }], rows), '']),
    `${counted(records, 'record')} of OCSF ${schema} written to ${harmless(out)} (${bytesText(rest.bytes)}) in ${rest.seconds.toFixed(1)} s; head ${rest.head}`,
  ];
  if (withoutTime > 0) {
    lines.push(
      paint(
        'yellow',
        `${counted(withoutTime, 'row')} without a time left out: every OCSF record must say when it happened`,
      ),
    );
  }
  if ((rest.invalid ?? 0) > 0) {
    const shown = (rest.problems ?? []).map(({ path, problem }) => `  ${harmless(`${path}: ${problem}`)}`);
    lines.push(
      paint('red', `${counted(rest.invalid!, 'row')} left out, as the record would not validate:`),
      ...shown,
    );
  }
  return lines.join('\n');
}
