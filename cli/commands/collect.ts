import { join } from 'node:path';
import { connectorById } from '../../connectors/registry.ts';
import { AkashiError } from '../../schema/error.ts';
import { type CollectResult, checkRequest, collect } from '../../stages/collect.ts';
import { EXPANSION_LIMITS } from '../../stages/expand.ts';
import type { StampResult } from '../../stages/stamp.ts';
import { openLake } from '../../vault/lake.ts';
import { setRetention } from '../../vault/retention.ts';
import { type Command, type Invocation, listOption, textOption } from '../command.ts';
import { BY_OPTIONS, custodian } from '../custody-options.ts';
import { collectDetail, progressLine } from '../progress.ts';
import { bytesText, counted, grouped, harmless, jsonText, paint, shellWord, textTable } from '../terminal.ts';
import { TSA_TRUST_OPTIONS } from '../tsa-options.ts';
import { UsageError, wholeNumber } from '../usage-error.ts';
import { stampLake, told } from './stamp.ts';

export const collectCommand: Command = {
  name: 'collect',
  summary: 'take files or folders of logs through all stages into the lake',
  usage: '<path…> [--source ID] [--retain 365d] [--stamp URL] [--case X]',
  about:
    'Recognises each file by its content, keeps its bytes as evidence, maps its records to one vocabulary and makes them\n' +
    'queryable. Any mix of sources, gzip or not. What the lake already holds is left alone, so it can be run again at any\n' +
    'time. Exit code 1 when a file could not be read or recognised; all the rest is collected all the same, and records that\n' +
    'could not be read are rows of the quarantine table.',
  words: 'any',
  options: {
    source: { type: 'string', value: 'ID', help: 'Take every file for this source, e.g. aws.cloudtrail' },
    stamp: {
      type: 'string',
      value: 'URL',
      help: 'Have what is sealed time-stamped there afterwards, as `akashi stamp` does',
    },
    ...TSA_TRUST_OPTIONS,
    retain: {
      type: 'string',
      multiple: true,
      value: '365d | ID=365d',
      help: 'From now on keep bodies so long, of one source or of all; the lake remembers it',
    },
    threads: { type: 'string', value: 'N', help: 'Worker threads (default: one per core)' },
    'max-expanded-bytes': {
      type: 'string',
      value: 'N',
      help: 'Most that one body may expand to (default: 64 GiB)',
    },
    'max-expansion-ratio': {
      type: 'string',
      value: 'N',
      help: 'Most that gzip may expand beyond 256 MiB (default: 400)',
    },
    ...BY_OPTIONS,
  },
  examples: [
    'akashi collect ~/my-trails',
    'akashi collect AWSLogs/ insights-activity-logs/ --lake /srv/lake',
    'akashi collect auth.log.1 --source linux.auth --json',
    'akashi collect ~/my-trails --retain 365d --retain aws.cloudtrail=730d',
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { words, json } = invocation;
  if (words.length === 0) throw new UsageError('collect needs at least one path: `akashi collect <path…>`.');
  const maxBytes = wholeNumber(
    'max-expanded-bytes',
    textOption(invocation, 'max-expanded-bytes'),
    1,
    Number.MAX_SAFE_INTEGER,
  );
  const maxRatio = wholeNumber(
    'max-expansion-ratio',
    textOption(invocation, 'max-expansion-ratio'),
    1,
    1_000_000,
  );
  const threads = wholeNumber('threads', textOption(invocation, 'threads'), 1, 64);
  const source = textOption(invocation, 'source');
  const stampUrl = textOption(invocation, 'stamp');
  const retention = retentions(listOption(invocation, 'retain'));
  const by = custodian(invocation);
  const progress = progressLine('collect');
  await checkRequest(words, source === undefined ? {} : { source });
  const lake = await openLake(invocation.lake);
  if (retention.length > 0 && lake.remote !== undefined)
    throw new UsageError(
      '--retain is for lakes in a folder; on S3 the file of settings says how long bodies are kept.',
    );
  for (const { days, source: of } of retention)
    await setRetention(join(lake.root, 'vault'), days, new Date(), of);
  try {
    const result = await collect(lake, words, {
      limits: {
        ...EXPANSION_LIMITS,
        ...(maxBytes === undefined ? {} : { maxBytes }),
        ...(maxRatio === undefined ? {} : { maxRatio }),
      },
      ...(source === undefined ? {} : { source }),
      ...(threads === undefined ? {} : { threads }),
      by,
      onProgress: ({ doneBytes, foundBytes, records }) =>
        progress.update(doneBytes, foundBytes, collectDetail(doneBytes, foundBytes, records)),
    });
    progress.clear();
    const stamp = stampUrl === undefined ? null : await tryStamp(invocation, stampUrl);
    if (json) process.stdout.write(`${jsonText(stamp === null ? result : { ...result, stamp })}\n`);
    else
      process.stdout.write(
        `${[summary(result, invocation.lake, source), ...foundLines(result), ...stampLines(stamp)].join('\n')}\n`,
      );
    const problems = result.unreached.length + result.unrecognised.length + result.inboxProblems.length;
    return problems > 0 || (stamp !== null && 'error' in stamp) ? 1 : 0;
  } finally {
    progress.clear();
  }
}

type StampAttempt = StampResult | { readonly error: { readonly code: string; readonly message: string } };

/** What was collected is sealed, whatever the authority does. */
async function tryStamp(invocation: Invocation, url: string): Promise<StampAttempt> {
  try {
    return await stampLake(invocation, url);
  } catch (error) {
    if (error instanceof AkashiError) return { error: { code: error.code, message: error.message } };
    throw error;
  }
}

function stampLines(stamp: StampAttempt | null): string[] {
  if (stamp === null) return [];
  if (!('error' in stamp)) return [told(stamp)];
  const { code, message } = stamp.error;
  return [paint('yellow', `not time-stamped: ${harmless(message)} [${code}] Try again with akashi stamp.`)];
}

/** `365d`, or `aws.cloudtrail=365d` for one source. */
function retentions(list: readonly string[]): { days: number; source?: string }[] {
  return list.map((text) => {
    const [, of, number = ''] = /^(?:([^=]+)=)?(\d+)d$/.exec(text) ?? [];
    const days = Number(number);
    if (!(days >= 1 && days <= 36_500))
      throw new UsageError(
        `--retain takes days such as 365d or aws.cloudtrail=365d, but "${text}" was given.`,
      );
    if (of !== undefined && connectorById(of) === undefined)
      throw new UsageError(`--retain names "${of}", which is no source.`);
    return of === undefined ? { days } : { days, source: of };
  });
}

const SHOWN_PROBLEMS = 10;

const foundLines = ({ objects, duplicateObjects, unreached }: CollectResult): string[] =>
  objects + duplicateObjects + unreached.length === 0
    ? [paint('yellow', 'no file was found there; what lies in the lake itself is never collected')]
    : [];

/** What was done, for a person. */
export function summary(result: CollectResult, lake: string, source?: string): string {
  const sources = Object.entries(result.sources).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = sources.map(([id, counts]) => [
    id,
    ...[counts.objects, counts.records, counts.events, counts.flows, counts.skipped, counts.unreadable].map(
      grouped,
    ),
    bytesText(counts.bytes),
  ]);
  const right = true as const;
  const lines = [
    textTable(
      [
        { title: 'source' },
        ...['objects', 'records', 'events', 'flows', 'skipped', 'unreadable', 'size'].map((title) => ({
          title,
          right,
        })),
      ],
      rows,
    ),
    '',
    `${counted(result.records, 'record')} from ${counted(result.objects, 'object')} in ${result.seconds.toFixed(1)} s: ` +
      `${counted(result.events, 'event')} + ${counted(result.flows, 'flow')} + ${grouped(result.skipped)} skipped + ` +
      `${grouped(result.unreadable)} unreadable`,
  ];
  if (result.objects === 0) lines.shift();
  if (result.recoveredObjects > 0)
    lines.push(`${counted(result.recoveredObjects, 'object')} of an interrupted run finished first`);
  if (result.duplicateObjects > 0)
    lines.push(
      `${counted(result.duplicateObjects, 'object')} with bytes that the lake holds already, left as they are`,
    );
  if (result.duplicateObjects > 0 && source !== undefined)
    lines.push(
      paint(
        'yellow',
        '--source says what files are when they are first collected: those held stay what they were taken for; ' +
          'a new lake takes them anew',
      ),
    );
  if (result.duplicateEvents > 0) {
    lines.push(
      `${counted(result.duplicateEvents, 'record')} ${result.duplicateEvents === 1 ? 'is a copy of another' : 'are copies of others'}: kept, and shown once where they agree`,
    );
  }
  if (result.unreadable > 0) {
    lines.push(
      paint(
        'yellow',
        `${counted(result.unreadable, 'record')} could not be read: akashi query "select * from quarantine" --lake ${shellWord(lake)}`,
      ),
    );
  }
  const foreign = new Map(result.foreign.map(({ path, message }) => [path, message]));
  const named = (path: string) => (foreign.has(path) ? `${path}: ${foreign.get(path)}` : path);
  lines.push(...problems('not recognised as logs; kept as evidence', result.unrecognised.map(named)));
  lines.push(
    ...problems(
      'not collected',
      result.unreached.map(({ message }) => message),
    ),
  );
  lines.push(
    ...problems(
      'not understood in the inbox',
      result.inboxProblems.map(({ key, problem }) => `${key}: ${problem}`),
    ),
  );
  return lines.join('\n').trimStart();
}

function problems(what: string, list: readonly string[]): string[] {
  if (list.length === 0) return [];
  const shown = list.slice(0, SHOWN_PROBLEMS).map((one) => `  ${harmless(one)}`);
  const more =
    list.length > SHOWN_PROBLEMS
      ? [`  and ${grouped(list.length - SHOWN_PROBLEMS)} more (--json lists all)`]
      : [];
  return [paint('yellow', `${grouped(list.length)} ${what}:`), ...shown, ...more];
}
