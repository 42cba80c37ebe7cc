import { readFile } from 'node:fs/promises';
import {
  type ConfiguredFeed,
  configuredFeed,
  configuredFeeds,
  feedsOf,
} from '../../connectors/configured.ts';
import { connectors } from '../../connectors/registry.ts';
import { AkashiError } from '../../schema/error.ts';
import type { FeedResult } from '../../stages/preserve.ts';
import type { PullResult } from '../../stages/pull.ts';
import { openLake } from '../../vault/lake.ts';
import { type Command, flagOption, type Invocation, listOption, textOption } from '../command.ts';
import { BY_OPTIONS, custodian } from '../custody-options.ts';
import { progressLine } from '../progress.ts';
import { bytesText, counted, grouped, harmless, jsonText, paint, textTable } from '../terminal.ts';
import { timeOption } from '../time-option.ts';
import { UsageError } from '../usage-error.ts';
import { summary } from './collect.ts';

const CONFIG = 'connectors.json';

export const pullCommand: Command = {
  name: 'pull',
  summary: 'fetch logs from buckets, queues and APIs, going on where the last pull stopped',
  usage: '[name…] [--config F] | <connector> [--delivery D] --set key=value…',
  about:
    'Fetches what is new at each place that the configuration names, keeps the bytes exactly as they came, and takes them\n' +
    'through all stages into the lake. Cursors move only once everything before them is preserved, so it can be stopped and\n' +
    'run again at any time; Ctrl-C ends it in good order. With --since it fetches a range instead and leaves cursors alone.\n' +
    `The configuration is {"connectors": [{"connector": …, "delivery": …, settings…}]}, in ${CONFIG} unless --config names\n` +
    'another file; one place can be named by --set instead. Credentials come as in all tools of the vendor; none are kept.\n' +
    'Exit code 1 when a place could not be caught up with; all others are.',
  words: 'any',
  options: {
    config: { type: 'string', value: 'file', help: `The configuration (default: ${CONFIG})` },
    delivery: { type: 'string', value: 'D', help: 'Which of the connector’s ways of delivery; see --list' },
    set: {
      type: 'string',
      multiple: true,
      value: 'key=value',
      help: 'A setting of it; may be given several times',
    },
    since: { type: 'string', value: 'time', help: 'Fetch from then on, and leave the cursor where it is' },
    until: { type: 'string', value: 'time', help: 'Fetch up to then (default: now); goes with --since' },
    list: { type: 'boolean', help: 'Connectors that can be pulled, their ways of delivery and settings' },
    ...BY_OPTIONS,
  },
  examples: [
    'akashi pull --list',
    'akashi pull aws.cloudtrail --delivery bucket --set bucket=example-trail',
    'akashi pull aws.cloudtrail --delivery lookup-events --set regions=us-east-1,eu-west-1',
    'akashi pull --config connectors.json',
    'akashi pull org-trail --since 2026-01-01 --until 2026-02-01',
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  if (flagOption(invocation, 'list')) {
    process.stdout.write(`${invocation.json ? jsonText(listed()) : listText()}\n`);
    return 0;
  }
  const feeds = await feedsNamed(invocation);
  const range = rangeOf(invocation);
  const by = custodian(invocation);
  const { pull } = await import('../../stages/pull.ts');
  const lake = await openLake(invocation.lake);
  const stop = new AbortController();
  const interrupted = () => stop.abort();
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  const progress = progressLine('pull');
  const done = new Map<unknown, { objects: number; bytes: number }>();
  try {
    const result = await pull(lake, feeds, {
      by,
      signal: stop.signal,
      ...(range === undefined ? {} : { range }),
      onProgress: (name, feed) => {
        done.set(name, feed);
        const all = [...done.values()];
        const objects = all.reduce((sum, one) => sum + one.objects, 0);
        const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
        progress.update(0, 0, `${counted(objects, 'object')} fetched, ${bytesText(bytes)}`);
      },
    });
    progress.clear();
    process.stdout.write(`${invocation.json ? jsonText(result) : text(result, invocation.lake)}\n`);
    return result.feeds.some(({ error, missedCount }) => error !== null || missedCount > 0) ? 1 : 0;
  } finally {
    progress.clear();
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}

/** One feed from --set, or those of the configuration that were named; all of them when none was. */
async function feedsNamed(invocation: Invocation): Promise<ConfiguredFeed[]> {
  const { words } = invocation;
  const set = listOption(invocation, 'set');
  const delivery = textOption(invocation, 'delivery');
  const file = textOption(invocation, 'config');
  if (set.length > 0 || delivery !== undefined) {
    if (words.length !== 1 || file !== undefined)
      throw new UsageError(
        '--set and --delivery name one place: `akashi pull <connector> --delivery D --set key=value`, without --config.',
      );
    const settings = Object.fromEntries(
      set.map((pair) => {
        const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
        if (key === undefined || value === undefined)
          throw new UsageError(`--set takes key=value, but "${pair}" was given.`);
        return [key, value];
      }),
    );
    return [
      configuredFeed(
        { ...settings, connector: words[0], ...(delivery === undefined ? {} : { delivery }) },
        'pull',
      ),
    ];
  }
  const path = file ?? CONFIG;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new AkashiError(
      'CONFIG_MISSING',
      `"${path}" cannot be read: ${(cause as Error).message}. Name a configuration with --config, or one place with ` +
        '`akashi pull <connector> --delivery D --set key=value`; `akashi pull --list` shows what there is.',
      { cause },
    );
  }
  const feeds = configuredFeeds(text, path);
  for (const word of words)
    if (!feeds.some(({ name }) => name === word))
      throw new AkashiError(
        'CONNECTOR_UNKNOWN',
        `"${word}" is no connector of ${path}, which has: ${feeds.map(({ name }) => name).join(', ')}.`,
      );
  return words.length === 0 ? feeds : feeds.filter(({ name }) => words.includes(name));
}

function rangeOf(invocation: Invocation): { since: number; until: number } | undefined {
  const now = Date.now();
  const since = timeOption(invocation, 'since', now);
  const until = timeOption(invocation, 'until', now);
  if (since === undefined) {
    if (until !== undefined)
      throw new UsageError('--until goes with --since: without it a pull goes on after its cursor.');
    return undefined;
  }
  if (since >= (until ?? now)) throw new UsageError('--since must come before --until, and before now.');
  return { since, until: until ?? now };
}

function text(result: PullResult, lake: string): string {
  const rows = result.feeds.map(({ name, delivery, arrived, bytes, held, missedCount, error }) => [
    name,
    delivery,
    grouped(arrived),
    bytesText(bytes),
    grouped(held),
    grouped(missedCount),
    error === null ? paint('green', 'caught up') : paint('red', error.code),
  ]);
  const right = true as const;
  const lines = [
    textTable(
      [
        { title: 'connector' },
        { title: 'delivery' },
        { title: 'fetched', right },
        { title: 'size', right },
        { title: 'held', right },
        { title: 'missed', right },
        { title: 'state' },
      ],
      rows,
    ),
    ...result.feeds.flatMap(problems),
    '',
    summary(result, lake),
  ];
  return lines.join('\n');
}

const SHOWN = 5;

function problems({ name, error, missed, missedCount }: FeedResult): string[] {
  const lines = missed
    .slice(0, SHOWN)
    .map(({ origin, code, problem }) =>
      paint('yellow', `${name}: ${harmless(origin)}: ${harmless(problem)} [${code}]`),
    );
  if (missedCount > SHOWN)
    lines.push(paint('dim', `and ${grouped(missedCount - SHOWN)} more (--json lists them)`));
  if (error !== null) lines.push(paint('red', `${name}: ${harmless(error.message)} [${error.code}]`));
  return lines;
}

/** What can be pulled, for programs. */
const listed = () =>
  connectors.flatMap(({ id, title }) =>
    feedsOf(id).map(({ id: delivery, help, settings }) => ({
      connector: id,
      title,
      delivery,
      help,
      settings: Object.entries(settings).map(([name, { type, required = false, help: meaning }]) => ({
        name,
        type,
        required,
        help: meaning,
      })),
    })),
  );

function listText(): string {
  const lines: string[] = [];
  for (const { connector, delivery, help, settings } of listed()) {
    lines.push(`${paint('bold', connector)} --delivery ${delivery}`, `  ${help}`);
    const width = Math.max(...settings.map(({ name }) => name.length));
    for (const { name, required, help: meaning } of settings)
      lines.push(`    ${name.padEnd(width)}  ${required ? 'needed. ' : ''}${meaning}`);
    lines.push('');
  }
  return lines.join('\n').trimEnd();
}
