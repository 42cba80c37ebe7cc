import { connectorById, connectors } from '../../connectors/registry.ts';
import { visibleJson } from '../../engine/format/visible.ts';
import type { Watermark } from '../../ledger/coverage/coverage.ts';
import { hourOf } from '../../ledger/coverage/hours.ts';
import type { UnitVerdict } from '../../ledger/coverage/states.ts';
import type { Unit } from '../../ledger/coverage/units.ts';
import { type ImportSummary, importSummaries } from '../../stages/imported.ts';
import {
  type CoverageScope,
  coverageRow,
  holdsDigests,
  isoMicros,
  isProblem,
  type LakeCoverage,
  lakeCoverage,
  RangeSummary,
} from '../../stages/lake-coverage.ts';
import { type RecordedGaps, recordGaps } from '../../stages/record-gaps.ts';
import { AT_OPTIONS, momentOf, openToRead } from '../at-option.ts';
import { type Command, flagOption, type Invocation, textOption } from '../command.ts';
import { HourBars, labelOf, legend } from '../hour-bars.ts';
import { counted, grouped, harmless, paint, terminalWidth, textTable } from '../terminal.ts';
import { timeOption } from '../time-option.ts';
import { UsageError } from '../usage-error.ts';

export const coverageCommand: Command = {
  name: 'coverage',
  summary: 'what is held and what is missing, by source, account, region and hour',
  usage: '[--since T] [--until T] [--source ID] [--account A] [--record]',
  about:
    'Compares what was expected with what is held: logs that CloudTrail digests declare (`akashi digests --record`), each\n' +
    "vendor's delay, and what each stream usually has. Draws one bar for each stream, in which a gap is a gap, and names\n" +
    'the instant before which completeness is claimed. Exit code 1 when anything is missing, or silent that never is.',
  options: {
    since: { type: 'string', value: 'time', help: 'From this time on' },
    until: { type: 'string', value: 'time', help: 'Before this time, or `now`' },
    source: { type: 'string', value: 'ID', help: 'One source' },
    account: { type: 'string', value: 'account', help: 'One account, subscription or project' },
    ...AT_OPTIONS,
    record: { type: 'boolean', help: 'Seal which hours are silent or were passed over, of all sources' },
  },
  examples: [
    'akashi coverage',
    'akashi coverage --record',
    'akashi coverage --since 2026-03-01 --until 2026-04-01 --source aws.cloudtrail',
    "akashi query \"select * from coverage where verdict in ('gap', 'silent') order by time\"",
  ],
  async run(invocation) {
    const moment = momentOf(invocation);
    if (moment !== null && flagOption(invocation, 'record'))
      throw new UsageError('--record says what is missing now, and takes no --at.');
    // What was silent since then is not what was asked.
    const now = moment !== null && 'time' in moment ? moment.time / 1000 : Date.now();
    const scope = scopeOf(invocation, now);
    const lake = await openToRead(invocation);
    const recorded = flagOption(invocation, 'record') ? await recordGaps(lake, now * 1000) : null;
    const units: Unit[] = [];
    const summary = new RangeSummary(scope);
    const result = await lakeCoverage(lake, now * 1000, scope, (unit) => {
      units.push(unit);
      summary.add(unit);
    });
    const imports = await importSummaries(
      lake,
      result.head,
      new Set(units.map(({ stream }) => stream.source)),
    );
    const text = invocation.json
      ? asJson(result, summary, units, imports, recorded)
      : asText(result, summary, scope, units, imports);
    process.stdout.write(`${text}\n`);
    if (!invocation.json && !result.judged && (await holdsDigests(lake, result.head)))
      process.stdout.write(`${paint('dim', UNJUDGED)}\n`);
    if (!invocation.json && recorded !== null)
      process.stdout.write(
        `recorded ${counted(recorded.told, 'hour')}, took back ${counted(recorded.takenBack, 'hour')}\n`,
      );
    return units.some(isProblem) ? 1 : 0;
  },
};

function scopeOf(invocation: Invocation, now: number): CoverageScope {
  const since = timeOption(invocation, 'since', now);
  const until = timeOption(invocation, 'until', now);
  const source = textOption(invocation, 'source');
  if (source !== undefined && connectorById(source) === undefined)
    throw new UsageError(
      `"${source}" is no source. Sources are ${connectors.map(({ id }) => id).join(', ')}.`,
    );
  const account = textOption(invocation, 'account');
  return {
    ...(since === undefined ? {} : { from: since * 1000 }),
    ...(until === undefined ? {} : { to: until * 1000 }),
    ...(source === undefined ? {} : { source }),
    ...(account === undefined ? {} : { account }),
  };
}

const UNJUDGED =
  'Digests are held, and none of them is on record: `akashi digests --keys F --record` makes them count here.';

const TIMES = ['time', 'end_time', 'reopened_at', 'as_of'] as const;

function asJson(
  result: LakeCoverage,
  summary: RangeSummary,
  units: readonly Unit[],
  imports: readonly ImportSummary[],
  recorded: RecordedGaps | null,
): string {
  const rows = units.map((unit) => {
    const row = coverageRow(unit, result.asOf);
    const times = TIMES.map((name) => [name, row[name] === null ? null : isoMicros(row[name])]);
    return { ...row, ...Object.fromEntries(times) };
  });
  const more = recorded === null ? {} : { recorded };
  const imported = imports.map(({ firstReceived, lastReceived, ...one }) => ({
    ...one,
    firstReceived: isoMicros(firstReceived),
    lastReceived: isoMicros(lastReceived),
  }));
  const head = { ...summary.finish(result), outside: result.outside, imports: imported };
  return visibleJson(JSON.stringify({ ...head, ...more, rows }));
}

/** Bars and problems shown; --json lists all. */
const MOST_BARS = 40;
const MOST_PROBLEMS = 20;

function asText(
  result: LakeCoverage,
  summary: RangeSummary,
  scope: CoverageScope,
  units: readonly Unit[],
  imports: readonly ImportSummary[],
): string {
  if (units.length === 0)
    return 'nothing is held of that time: no record with a time, and no digest that was judged';
  const lines = [drawn(scope, units), '', sourceTable(result.watermarks, units)];
  if (imports.length > 0) lines.push('', ...imports.map(importLine));
  const problems = units.filter(isProblem);
  if (problems.length > 0) lines.push('', ...problems.slice(0, MOST_PROBLEMS).map(problemLine));
  if (problems.length > MOST_PROBLEMS)
    lines.push(paint('dim', `and ${grouped(problems.length - MOST_PROBLEMS)} more (--json lists all)`));
  if (result.outside > 0)
    lines.push(
      '',
      paint(
        'yellow',
        `${counted(result.outside, 'record')} dated before 2000 or in the future: of no hour here`,
      ),
    );
  lines.push('', closing(summary));
  return lines.join('\n');
}

function drawn(scope: CoverageScope, units: readonly Unit[]): string {
  let [from, to] = [Infinity, -Infinity];
  let label = 0;
  for (const unit of units) {
    from = Math.min(from, unit.hour);
    to = Math.max(to, unit.hour + unit.hours);
    label = Math.max(label, labelOf(unit.stream).length);
  }
  if (scope.from !== undefined) from = Math.max(from, hourOf(scope.from!));
  if (scope.to !== undefined) to = Math.min(to, Math.ceil(scope.to! / 3600e6));
  const bars = new HourBars(from, to, terminalWidth(), label);
  for (const unit of units) bars.add(unit);
  const { text, leftOut } = bars.draw(MOST_BARS);
  const span = `${shortHour(from)} to ${shortHour(to)}, ${spanText(bars.hoursPerCell)} a mark`;
  const more = leftOut > 0 ? [paint('dim', `and ${grouped(leftOut)} more (--json lists all)`)] : [];
  return [paint('dim', span), text, ...more, legend()].join('\n');
}

/** Hours, or days where they are many. */
const spanText = (hours: number): string =>
  hours < 72 ? counted(hours, 'hour') : `${(hours / 24).toFixed(hours < 240 ? 1 : 0)} days`;

/** `2026-03-01 14:00Z`. */
const shortTime = (micros: number): string => isoMicros(micros).slice(0, 16).replace('T', ' ').concat('Z');
const shortHour = (hour: number): string => shortTime(hour * 3600e6);

const COLUMNS = ['complete', 'presumed', 'pending', 'unknown', 'silent', 'gap'] as const;

function sourceTable(watermarks: readonly Watermark[], units: readonly Unit[]): string {
  const hours = new Map<string, Map<UnitVerdict, number>>();
  const records = new Map<string, number>();
  for (const { stream, verdict, hours: count, records: held } of units) {
    const own = hours.get(stream.source) ?? new Map();
    hours.set(stream.source, own);
    own.set(verdict, (own.get(verdict) ?? 0) + count);
    records.set(stream.source, (records.get(stream.source) ?? 0) + held);
  }
  const rows = watermarks
    .filter(({ source }) => hours.has(source))
    .map(({ source, until, because }) => [
      harmless(source),
      grouped(records.get(source)!),
      ...COLUMNS.map((verdict) => grouped(hours.get(source)!.get(verdict) ?? 0)),
      until === null ? '-' : shortTime(until),
      harmless(because ?? ''),
    ]);
  const right = true as const;
  return textTable(
    [
      { title: 'source' },
      { title: 'records', right },
      ...COLUMNS.map((title) => ({ title, right })),
      { title: 'claimed before' },
      { title: 'because of' },
    ],
    rows,
  );
}

/** `aws.cloudtrail-lake: imported from CloudTrail Lake 2026-11-22 09:00Z, …: 3 VALID, 1 UNSIGNED`. */
function importLine(one: ImportSummary): string {
  const { source, from, held, bodies, records, firstReceived, lastReceived, verdicts } = one;
  const [first, last] = [shortTime(firstReceived), shortTime(lastReceived)];
  const when = first === last ? first : `${first} to ${last}`;
  const states = Object.entries(verdicts).map(([state, count]) => `${grouped(count)} ${state}`);
  const what = bodies === 1 ? '1 body' : `${grouped(bodies)} bodies`;
  return `${source}: imported from ${from} ${when}, ${what} with ${counted(records, 'record')} (${states.join(', ')}): ${held}`;
}

function problemLine({ stream, hour, hours, verdict, problem, detail, expected, held }: Unit): string {
  const when = `${shortHour(hour)} to ${shortHour(hour + hours)}`;
  const what =
    verdict === 'silent'
      ? `nothing held, usually ${counted(expected ?? 0, 'record')}`
      : `${harmless(problem ?? '')}${expected === null ? '' : `, ${grouped(held ?? 0)} of ${counted(expected, 'log file')} held`}`;
  const names = detail === null ? '' : `: ${harmless(detail)}`;
  return paint(
    verdict === 'gap' ? 'red' : 'yellow',
    `${verdict} ${labelOf(stream)} ${when}: ${what}${names}`,
  );
}

function closing(summary: RangeSummary): string {
  const { gap, silent, unknown } = summary.hours;
  if (gap + silent === 0)
    return paint(
      unknown > 0 ? 'yellow' : 'green',
      unknown > 0
        ? `nothing known to be missing; of ${counted(unknown, 'hour')} nothing can be said`
        : 'nothing missing',
    );
  return paint('red', `${counted(gap, 'hour')} with gaps, ${counted(silent, 'hour')} silent`);
}
