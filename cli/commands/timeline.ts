import { writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { nativeViews } from '../../connectors/native-views.ts';
import { SqlParser } from '../../engine/gate.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { withDefaults } from '../../engine/limits.ts';
import { prewarmed } from '../../engine/sandbox/pool.ts';
import { gatherTimeline } from '../../exports/timeline/gather.ts';
import type { Selectors, TimelineData } from '../../exports/timeline/model.ts';
import { AT_OPTIONS, openToRead } from '../at-option.ts';
import { type Command, flagOption, type Invocation, listOption, textOption } from '../command.ts';
import { RECORD_OPTIONS, recorderFor } from '../custody-options.ts';
import { CUT } from '../exit-codes.ts';
import { fileToWrite, outsideLake } from '../out-place.ts';
import { timed } from '../progress.ts';
import { counted, grouped, harmless, paint, terminalWidth } from '../terminal.ts';
import { timeOption } from '../time-option.ts';
import { TIMELINE_FORMATS } from '../timeline-formats.ts';
import { cutText } from '../timeline-summary.ts';
import { UsageError, wholeNumber } from '../usage-error.ts';

/** More lines than this are no reading matter, and a page of them is slow to use. */
const MOST_LINES = 5_000;

const SELECTORS = {
  actor: 'actors',
  ip: 'ips',
  target: 'targets',
  session: 'sessions',
  key: 'keys',
} as const satisfies Record<string, keyof Selectors>;

export const timelineCommand: Command = {
  name: 'timeline',
  summary: 'everything of an incident in one order, across clouds, with its gaps and proofs',
  usage: '--actor A | --ip I | --target T | --session S | --key K … [--since T] [--until T] [--out F]',
  about:
    'Events and flows that fit any of the selectors, each once, in order of time; several selectors mean all that fits one\n' +
    'or another. What a line made is followed: keys, role sessions, shell sessions, host accounts, over several steps, and\n' +
    'every line says what led to it. Hours with something missing stand as gaps in their place, and a mark says what is\n' +
    'proven of each line. Last comes what was done, as whom, and what is not known. Exit code 3 when a limit cut it short.',
  options: {
    actor: selector(
      'A',
      "Whole words of a person's name, e-mail, id or session: jane is in jane@example.com",
    ),
    ip: selector('I', 'Address it came from, went to, or that a command names'),
    target: selector('T', 'Whole words of the name or id of what was acted on, a host among them'),
    session: selector('S', 'Name or id of a role session or a shell session'),
    key: selector('K', 'Id of an access key or another credential: who made it, used it and deleted it'),
    since: {
      type: 'string',
      value: 'time',
      help: 'From this time on, e.g. 2024-03-12 or 2024-03-12T08:00:00Z',
    },
    until: { type: 'string', value: 'time', help: 'Before this time, or `now`' },
    format: {
      type: 'string',
      value: 'format',
      help: `${Object.keys(TIMELINE_FORMATS).join(' | ')} (default: terminal; json with --json)`,
    },
    out: { type: 'string', value: 'file', help: 'Where to write; html needs it on a terminal' },
    all: { type: 'boolean', help: 'Fold no bursts of like events' },
    summary: { type: 'boolean', help: 'Only what it comes to, without the lines (terminal)' },
    direct: { type: 'boolean', help: 'Follow nothing: only lines that fit by themselves' },
    quick: { type: 'boolean', help: 'Do not read and hash the bodies of the lines again' },
    'max-lines': {
      type: 'string',
      value: 'N',
      help: `Most events and flows (default: ${grouped(MOST_LINES)})`,
    },
    ...AT_OPTIONS,
    ...AT_OPTIONS,
    ...RECORD_OPTIONS,
  },
  examples: [
    'akashi timeline --ip 203.0.113.66',
    'akashi timeline --actor mallory --since 2024-03-12 --until 2024-03-13 --summary',
    'akashi timeline --actor mallory --ip 203.0.113.66 --format html --out incident.html --case case-7',
    'akashi timeline --key AKIAEXAMPLESTOLEN001 --all',
    'akashi timeline --target prod/database --format csv --out timesketch.csv',
  ],
  run,
};

function selector(value: string, help: string) {
  return { type: 'string', multiple: true, value, help } as const;
}

async function run(invocation: Invocation): Promise<number> {
  const format = textOption(invocation, 'format') ?? (invocation.json ? 'json' : 'terminal');
  if (!Object.hasOwn(TIMELINE_FORMATS, format))
    throw new UsageError(`"${format}" is no format. Use one of ${Object.keys(TIMELINE_FORMATS).join(', ')}.`);
  const selectors = selectorsOf(invocation);
  const span = spanOf(invocation);
  const most = wholeNumber('max-lines', textOption(invocation, 'max-lines'), 1, 100_000) ?? MOST_LINES;
  const out = textOption(invocation, 'out');
  if (out !== undefined) await fileToWrite('out', out);
  else if (format === 'html' && process.stdout.isTTY)
    throw new UsageError('--format html is a page for a browser: name a file with --out.');
  const lake = await openToRead(invocation);
  if (out !== undefined) await outsideLake('out', out, lake.root);

  const limits = withDefaults();
  const sandboxes = prewarmed(limits, 2);
  const parser = new SqlParser();
  const data = await timed('timeline', async (tell): Promise<TimelineData> => {
    try {
      const base = { snapshot: await readSnapshot(lake), views: nativeViews(), limits, sandboxes, parser };
      return await gatherTimeline(lake, base, {
        selectors,
        span,
        most,
        follow: !flagOption(invocation, 'direct'),
        asOf: Date.now() * 1000,
        proof: {
          read: !flagOption(invocation, 'quick'),
          threads: limits.threads,
          onProgress: (done, total) =>
            tell(`${grouped(done)} of ${grouped(total)} bodies read again`, done, total),
        },
      });
    } finally {
      await Promise.all([sandboxes.close(), parser.close()]);
    }
  });
  const rows = data.lines.filter(({ kind }) => kind !== 'gap').length;
  const { record } = await recorderFor(invocation, lake);
  await record({
    action: out === undefined ? 'query' : 'export',
    subject: 'timeline',
    parameters: { ...askedOf(invocation), format, ...(out === undefined ? {} : { out }) },
    rows,
  });
  const pieces = TIMELINE_FORMATS[format as keyof typeof TIMELINE_FORMATS](data, {
    width: terminalWidth(),
    unfolded: flagOption(invocation, 'all'),
    summaryOnly: flagOption(invocation, 'summary'),
    title: textOption(invocation, 'case') ?? process.env['AKASHI_CASE'] ?? null,
  });
  if (out === undefined) for (const piece of pieces) await write(piece);
  else {
    await writeFile(out, pieces);
    process.stderr.write(
      `${counted(rows, 'line')} and ${counted(data.lines.length - rows, 'gap')} written to ${harmless(out)}\n`,
    );
  }
  if (data.cut === null) return 0;
  process.stderr.write(`${paint('yellow', 'akashi:', process.stderr)} ${cutText(data.cut)}\n`);
  return CUT;
}

/** Waits while the reader is behind. */
async function write(text: string): Promise<void> {
  if (text === '' || process.stdout.write(text)) return;
  await new Promise<void>((done) => process.stdout.once('drain', done));
}

function selectorsOf(invocation: Invocation): Selectors {
  const entries = Object.entries(SELECTORS).map(([option, name]) => {
    const values = listOption(invocation, option).map((value) => value.trim());
    if (values.some((value) => value === ''))
      throw new UsageError(`--${option} takes a text, but "" was given.`);
    return [name, [...new Set(values)]] as const;
  });
  const selectors = Object.fromEntries(entries) as unknown as Selectors;
  if (entries.every(([, values]) => values.length === 0))
    throw new UsageError(
      'a timeline needs somebody or something to follow: --actor, --ip, --target, --session or --key. Several are joined by OR.',
    );
  const wrong = selectors.ips.find((ip) => isIP(ip) === 0);
  if (wrong !== undefined)
    throw new UsageError(`--ip takes one address such as 203.0.113.66, but "${wrong}" was given.`);
  const short = selectors.actors.find((name) => !/[\p{L}\p{N}]{2}/u.test(name));
  if (short !== undefined)
    throw new UsageError(`--actor takes a word of two letters or more, but "${short}" was given.`);
  return selectors;
}

function spanOf(invocation: Invocation): { from: number | null; to: number | null } {
  const now = Date.now();
  const [since, until] = [timeOption(invocation, 'since', now), timeOption(invocation, 'until', now)];
  if (since !== undefined && until !== undefined && since >= until)
    throw new UsageError('--since must be before --until.');
  return { from: since === undefined ? null : since * 1000, to: until === undefined ? null : until * 1000 };
}

/** What was asked, for the custody record. */
function askedOf(invocation: Invocation): Record<string, unknown> {
  const asked: Record<string, unknown> = {};
  for (const option of Object.keys(SELECTORS)) {
    const values = listOption(invocation, option);
    if (values.length > 0) asked[option] = values;
  }
  for (const option of ['since', 'until', 'at', 'max-lines']) {
    const value = textOption(invocation, option);
    if (value !== undefined) asked[option] = value;
  }
  if (flagOption(invocation, 'direct')) asked['direct'] = true;
  return asked;
}
