import {
  FIND_COLUMNS,
  type FindPlan,
  type FindRequest,
  find,
  findColumnNames,
  planFind,
} from '../../engine/find/find.ts';
import { needleOf } from '../../engine/find/needle.ts';
import { FORMATS, renderer } from '../../engine/format/renderer.ts';
import { type Deed, recorded } from '../../stages/custody.ts';
import { NEEDLE_TABLES } from '../../tables/needle/columns.ts';
import { AT_OPTIONS, openToRead } from '../at-option.ts';
import { type Command, flagOption, type Invocation, textOption } from '../command.ts';
import { RECORD_OPTIONS, recorderFor } from '../custody-options.ts';
import { CUT } from '../exit-codes.ts';
import { bytesText, counted, grouped, harmless, say, terminalWidth } from '../terminal.ts';
import { timeOption } from '../time-option.ts';
import { UsageError, wholeNumber } from '../usage-error.ts';

const LIMIT = 1_000;
const TEXT_FORMATS = FORMATS.filter((format) => format !== 'parquet');
/** Rows held back until it is on record who asked: the first page, and no more. */
const HELD_ROWS = 50;
/** Of stored files, when all original texts are searched on one core; measured on CloudTrail and a busy core. */
const SEARCHED_BYTES_A_SECOND = 25e6;
/** Searching more than this is not begun without --yes. */
const MOST_BYTES_UNASKED = 2e9;
/** Days read ahead, where each read waits for a network. */
const AHEAD_REMOTE = 16;

export const findCommand: Command = {
  name: 'find',
  summary: 'every row that names a value: an address, key, ARN, e-mail, id, host, …',
  usage: '<value> [--since T] [--until T] [--table events|flows] [--anywhere] [--limit N]',
  about:
    'Looks into every column that names somebody or something, of all clouds, newest first, and says in which the value\n' +
    'stands. An index tells where to look. Letter case does not count; IPv6 may be spelt in any way, a port or /32 is left\n' +
    'out, a role session is found by its role too (…:assumed-role/Admin). 10.2.0.0/16, 10.2. and alice* are found by reading\n' +
    'the columns within bounds. --anywhere searches the original texts as well, for which all of them are read.\n' +
    'Exit code 3 when --limit cut the answer.',
  words: 'any',
  options: {
    since: { type: 'string', value: 'time', help: 'From this time on, e.g. 2024-03-12' },
    until: { type: 'string', value: 'time', help: 'Before this time, or `now`' },
    table: { type: 'string', value: 'table', help: `${NEEDLE_TABLES.join(' or ')} (default: both)` },
    columns: { type: 'string', value: 'a,b,…', help: 'Columns to show, or `all` (see `akashi columns`)' },
    anywhere: { type: 'boolean', help: 'Search the original texts too' },
    yes: { type: 'boolean', help: `Search more than ${bytesText(MOST_BYTES_UNASKED)} of them` },
    limit: { type: 'string', value: 'N', help: `Most rows (default: ${grouped(LIMIT)})` },
    format: {
      type: 'string',
      value: 'format',
      help: `${TEXT_FORMATS.join(' | ')} (default: table; json with --json)`,
    },
    ...AT_OPTIONS,
    ...RECORD_OPTIONS,
  },
  examples: [
    'akashi find 203.0.113.66',
    'akashi find AKIAEXAMPLESTOLEN001 --since 2024-03-01 --columns time,operation,uid,evidence,locator',
    'akashi find 10.2.0.0/16 --table flows --limit 50',
    'akashi find "arn:aws:sts::111122223333:assumed-role/Admin" --format csv > admin.csv',
    'akashi find INC-42 --anywhere',
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [value, ...more] = invocation.words;
  if (value === undefined) throw new UsageError('find needs a value: `akashi find 203.0.113.66`.');
  if (more.length > 0)
    throw new UsageError(
      `the value must be one word for the shell: put it in quotes ("${more[0]}" came after it).`,
    );
  const format = textOption(invocation, 'format') ?? (invocation.json ? 'json' : 'table');
  if (!TEXT_FORMATS.includes(format))
    throw new UsageError(`"${format}" is no format. Use one of ${TEXT_FORMATS.join(', ')}.`);
  const now = Date.now();
  const micros = (name: string) => {
    const millis = timeOption(invocation, name, now);
    return millis === undefined ? null : millis * 1000;
  };
  const range = { since: micros('since'), until: micros('until') };
  const table = tableOf(invocation);
  const lake = await openToRead(invocation);
  const request: FindRequest = {
    vault: lake.vault,
    state: lake.state,
    needle: needleOf(value),
    ...range,
    ...(table === undefined ? {} : { tables: [table] }),
    anywhere: flagOption(invocation, 'anywhere'),
    columns: columnsOf(invocation),
    limit: wholeNumber('limit', textOption(invocation, 'limit'), 1, 1_000_000_000) ?? LIMIT,
    ...(lake.remote === undefined ? {} : { ahead: AHEAD_REMOTE, newest: lake.remote.newest }),
  };
  const plan = await planFind(request);
  if (!notice(request, plan, flagOption(invocation, 'yes'))) return 1;
  const deed: Deed = {
    action: 'query',
    subject: `find ${request.needle.text}`,
    parameters: asked(invocation, value),
  };
  const { stdout } = process;
  const answer = find(request, plan);
  const render = renderer(format, { width: terminalWidth(), terminal: stdout.isTTY === true });
  await write(render.begin(answer.columns));
  const recorder = await recorderFor(invocation, lake, plan.head);
  for await (const batch of recorded(recorder, deed, answer, HELD_ROWS)) await write(render.rows(batch));
  const summary = await answer.summary;
  const { files, allFiles, unindexed, meter, tableBytes } = plan;
  const read = {
    files,
    ofFiles: allFiles,
    filesUnindexed: unindexed,
    bytes: meter.bytes,
    ofBytes: tableBytes,
  };
  await write(render.end({ ...summary, read }));
  if (format === 'table')
    say(
      `read ${bytesText(meter.bytes)}, in ${grouped(files)} of ${counted(allFiles, 'file')} that have ${bytesText(tableBytes)}`,
    );
  if (summary.truncated === null) return 0;
  if (format !== 'table')
    say(`the answer was cut after ${counted(summary.rowCount, 'row')} by --limit; there are more`);
  return CUT;
}

function tableOf(invocation: Invocation): (typeof NEEDLE_TABLES)[number] | undefined {
  const name = textOption(invocation, 'table');
  const table = NEEDLE_TABLES.find((own) => own === name);
  if (name === undefined || table !== undefined) return table;
  throw new UsageError(`--table takes ${NEEDLE_TABLES.join(' or ')}, but "${name}" was given.`);
}

function columnsOf(invocation: Invocation): readonly string[] {
  const text = textOption(invocation, 'columns');
  if (text === undefined) return FIND_COLUMNS;
  const known = findColumnNames();
  if (text === 'all') return known;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError(`there is no column "${unknown}". Columns are ${known.join(', ')}, or all.`);
}

const asked = ({ values }: Invocation, value: string): Record<string, unknown> => ({
  value,
  ...Object.fromEntries(
    ['since', 'until', 'at', 'table', 'columns', 'anywhere', 'limit'].flatMap((name) =>
      values[name] === undefined ? [] : [[name, values[name]]],
    ),
  ),
});

/** What will be read beyond what the index names, before it is read; false where that is more than was agreed to. */
function notice({ needle, anywhere = false }: FindRequest, plan: FindPlan, yes: boolean): boolean {
  const { files, unindexed, problems, days } = plan;
  for (const problem of new Set(problems))
    say(
      `a part of the index is of no use (${harmless(problem)}); its files are read whole. \`akashi index rebuild\` makes it anew`,
    );
  const bytes = days.flat().reduce((sum, { file }) => sum + file.bytes, 0);
  if (!anywhere) {
    if (needle.indexed === null)
      say(
        `no index can answer ${harmless(needle.text)}: its columns are read within bounds, in ${counted(files, 'file')} of ${bytesText(bytes)}`,
      );
    else if (unindexed > 0 && problems.length === 0)
      say(
        `${counted(unindexed, 'file')} have no index and are read whole; \`akashi index rebuild\` makes one`,
      );
    return true;
  }
  const seconds = Math.max(1, Math.round(bytes / SEARCHED_BYTES_A_SECOND));
  const cost = `all original texts are searched: ${counted(files, 'file')}, up to ${bytesText(bytes)}, about ${counted(seconds, 'second')}`;
  if (bytes <= MOST_BYTES_UNASKED || yes) {
    say(cost);
    return true;
  }
  say(`${cost}. Nothing was read: bound it with --since, --until or --table, or say --yes`);
  return false;
}

/** Waits while the reader is behind. */
async function write(text: string): Promise<void> {
  if (text === '' || process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}
