import type { DigestProblem, DigestReport, SeriesReport } from '../../ledger/digests/report.ts';
import {
  DIGEST_STATES,
  type DigestState,
  type Level,
  LOG_STATES,
  type LogState,
} from '../../ledger/digests/states.ts';
import { digestSpan, verifyLakeDigests } from '../../stages/digests.ts';
import { type RecordedDigests, recordDigests } from '../../stages/record-digests.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import { type Command, flagOption, listOption } from '../command.ts';
import { progressLine } from '../progress.ts';
import { grouped, harmless, jsonText, paint, textTable } from '../terminal.ts';
import { timeOption } from '../time-option.ts';
import { checkKeyOptions, KEY_OPTIONS, trailKeys, wantsKeys } from '../trail-keys.ts';
import { UsageError } from '../usage-error.ts';

export const digestsCommand: Command = {
  name: 'digests',
  summary: "verify CloudTrail's own proof: digest chains, signatures, every log they name",
  usage: '--keys F [--keys F…] | --fetch-keys [--since T] [--until T] [--metadata P] [--record]',
  about:
    'Checks every chain of CloudTrail digests in the lake: signatures, what each digest says of the one before, whether\n' +
    'any is missing, the content of every log they name, and logs that none of them names. Works on copies from anywhere.\n' +
    'Public keys come from `aws cloudtrail list-public-keys`, one file for each region, or from AWS itself with\n' +
    '--fetch-keys. --until tells how far digests must reach: no chain shows by itself that its newest ones were removed.\n' +
    'Exit code 1 when anything is invalid. With --record the verdicts go into the ledger and the tables evidence, verdicts\n' +
    'and coverage; later ones add to them.',
  options: {
    ...KEY_OPTIONS,
    since: { type: 'string', value: 'time', help: 'Chains need not go back further than this' },
    until: { type: 'string', value: 'time', help: 'Digests must reach this time, or `now`' },
    metadata: {
      type: 'string',
      multiple: true,
      value: 'path',
      help: 'Where <digest>.metadata.json lie for digests collected without them',
    },
    record: { type: 'boolean', help: 'Seal the verdicts, and what they say of coverage' },
  },
  examples: [
    'aws cloudtrail list-public-keys --region eu-west-1 --start-time 2026-01-01 > eu-west-1.json',
    'akashi digests --keys eu-west-1.json --until now --record',
    'akashi digests --fetch-keys --save-keys ~/keys/cloudtrail.json --until now',
    'akashi digests --keys eu-west-1.json --keys us-east-1.json --since 2026-03-01 --json',
  ],
  async run(invocation) {
    const now = Date.now();
    const since = timeOption(invocation, 'since', now);
    const until = timeOption(invocation, 'until', now);
    const record = flagOption(invocation, 'record');
    const withKeys = wantsKeys(invocation);
    if (record && !withKeys)
      throw new UsageError(
        '--record needs --keys or --fetch-keys: without public keys there is no verdict to record.',
      );
    checkKeyOptions(invocation);
    const lake = await openLakeForReading(invocation.lake);
    const keys = await trailKeys(invocation, () => digestSpan(lake, now));
    const progress = progressLine('digests');
    try {
      const report = await verifyLakeDigests(lake, {
        keys,
        now,
        metadata: listOption(invocation, 'metadata'),
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
        onProgress: (stage, done, total) =>
          progress.update(
            done,
            total ?? 0,
            total === null ? `${grouped(done)} ${stage}` : counted(stage, done, total),
          ),
      });
      progress.clear();
      const recorded = record ? await recordDigests(lake, report, now * 1000) : null;
      const text = invocation.json ? asJson(report, recorded) : asText(report, withKeys, until !== undefined);
      process.stdout.write(
        `${text}\n${recorded === null || invocation.json ? '' : `${recordText(recorded)}\n`}`,
      );
      return report.ok ? 0 : 1;
    } finally {
      progress.clear();
    }
  },
};

const counted = (stage: string, done: number, total: number): string =>
  `${grouped(done)} of ${grouped(total)} ${stage}`;

function asJson({ verdicts, proofs: _, ...report }: DigestReport, recorded: RecordedDigests | null): string {
  const more = recorded === null ? {} : { recorded };
  return jsonText({ ...report, verdicts: Object.fromEntries(verdicts), ...more });
}

function recordText({ verdicts, hours, opened, closed }: RecordedDigests): string {
  if (verdicts + hours === 0) return 'nothing new to record';
  const gaps = [
    opened > 0 ? paint('red', `${grouped(opened)} hours became gaps`) : '',
    closed > 0 ? paint('green', `${grouped(closed)} hours are gaps no more`) : '',
  ];
  return [`recorded ${grouped(verdicts)} verdicts and ${grouped(hours)} hours`, ...gaps.filter(Boolean)].join(
    '; ',
  );
}

/** Problems shown of each state. */
const SHOWN = 10;
const RANK: Readonly<Record<Level, number>> = { invalid: 0, open: 1, valid: 2 };
const STYLE = { invalid: 'red', open: 'yellow', valid: 'green' } as const;

function asText(report: DigestReport, withKeys: boolean, withEnd: boolean): string {
  const { series, problems, without, ok } = report;
  const lines = [
    textTable(
      [
        { title: 'account' },
        { title: 'trail' },
        { title: 'region' },
        { title: 'digests', right: true },
        { title: 'logs', right: true },
        { title: 'from' },
        { title: 'to' },
        { title: 'verdict' },
      ],
      series.map(seriesRow),
    ),
  ];
  if (problems.length > 0) lines.push('');
  const states = Map.groupBy(problems, ({ of, state }) => `${of} ${state}`);
  for (const same of [...states.values()].sort(([a], [b]) => RANK[a!.level] - RANK[b!.level])) {
    lines.push(...same.slice(0, SHOWN).map(problemLine));
    if (same.length > SHOWN)
      lines.push(
        paint('dim', `and ${grouped(same.length - SHOWN)} more ${same[0]!.state} (--json lists all)`),
      );
  }
  lines.push('');
  if (without > 0)
    lines.push(paint('dim', `${grouped(without)} logs are of accounts and regions without digests.`));
  if (!withKeys)
    lines.push(
      paint(
        'dim',
        'No public keys were given, so no signature could be checked: name their files with --keys, or use --fetch-keys.',
      ),
    );
  if (!withEnd)
    lines.push(
      paint(
        'dim',
        'Whether newer digests were removed is only known where logs or other regions tell; see --until.',
      ),
    );
  const invalid = problems.filter(({ level }) => level === 'invalid').length;
  lines.push(ok ? paint('green', 'nothing invalid') : paint('red', `${grouped(invalid)} invalid`));
  return lines.join('\n');
}

function seriesRow({ account, trail, region, kind, held, from, to, digests, logs }: SeriesReport): string[] {
  const named = Object.values(logs).reduce((sum, count) => sum + count, 0);
  return [
    account,
    harmless(kind === 'backfill' ? `${trail} (backfill)` : trail),
    region,
    grouped(held),
    grouped(named),
    shortTime(from),
    shortTime(to),
    verdictText(digests, logs),
  ];
}

/** `2026-03-01 14:00Z`. */
const shortTime = (time: string | null): string =>
  time === null ? '-' : `${time.slice(0, 10)} ${time.slice(11, 16)}Z`;

/** What is not valid, with its number: `all valid`, or `1 MISSING_DIGEST, 3 logs UNPROVEN`. */
function verdictText(digests: SeriesReport['digests'], logs: SeriesReport['logs']): string {
  const parts = [
    ...Object.entries(digests).map(([state, count]) => ({
      level: DIGEST_STATES[state as DigestState].level as Level,
      text: `${grouped(count)} ${state}`,
    })),
    ...Object.entries(logs).map(([state, count]) => ({
      level: LOG_STATES[state as LogState].level as Level,
      text: `${grouped(count)} ${count === 1 ? 'log' : 'logs'} ${state}`,
    })),
  ].filter(({ level }) => level !== 'valid');
  if (parts.length === 0) return paint('green', 'all valid');
  return parts
    .sort((a, b) => RANK[a.level] - RANK[b.level])
    .map(({ level, text }) => paint(STYLE[level], text))
    .join(', ');
}

function problemLine({ of, state, level, object, detail, unproven }: DigestProblem): string {
  const { meaning } = of === 'digest' ? DIGEST_STATES[state as DigestState] : LOG_STATES[state as LogState];
  const left =
    unproven.length === 0
      ? ''
      : `; ${grouped(unproven.length)} ${unproven.length === 1 ? 'log' : 'logs'} now unproven`;
  const said = detail === '' ? meaning : `${meaning} (${detail})`;
  return paint(STYLE[level], `${state} ${harmless(object)}: ${harmless(said)}${left}`);
}
