import { alone, type CompactResult, compact } from '../../compaction/compact.ts';
import { type ExpireResult, expire } from '../../compaction/expire.ts';
import { COMPACTED_TABLES } from '../../compaction/plan.ts';
import type { TableName } from '../../schema/columns.ts';
import { openLake, openLakeForReading } from '../../vault/lake.ts';
import { type Command, textOption } from '../command.ts';
import { progressLine } from '../progress.ts';
import { bytesText, counted, grouped, jsonText } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export const compactCommand: Command = {
  name: 'compact',
  summary: 'merge the small files of each day into large sorted ones',
  usage: '[--table T] [--day D] [--expire 7d]',
  about:
    'Every collect leaves small files. This merges those of each table and day, and decides once for all queries which of\n' +
    'several copies of an event is shown. Evidence is not touched, nor is any file of before: snapshots from before stay\n' +
    'readable, with --at, until --expire gives them up. It may run beside a collect and be killed at any moment; run again, it goes on.',
  options: {
    table: { type: 'string', value: 'table', help: `Only this table: ${COMPACTED_TABLES.join(', ')}` },
    expire: {
      type: 'string',
      value: 'age',
      help: 'Give up snapshots older than this, e.g. 7d or 12h, and remove files that only they list',
    },
    day: { type: 'string', value: 'day', help: 'Only this UTC day, e.g. 2026-03-01' },
  },
  examples: [
    'akashi compact',
    'akashi compact --expire 7d',
    'akashi compact --table events --day 2026-03-01',
  ],
  async run(invocation) {
    const table = textOption(invocation, 'table');
    if (table !== undefined && !COMPACTED_TABLES.includes(table as TableName))
      throw new UsageError(`"${table}" is no table. Use one of ${COMPACTED_TABLES.join(', ')}.`);
    const day = textOption(invocation, 'day');
    if (day !== undefined && !/^(\d{4}-\d\d-\d\d|undated)$/.test(day))
      throw new UsageError(`--day takes a day like 2026-03-01, or undated, but "${day}" was given.`);
    const age = ageOf(textOption(invocation, 'expire'));
    // Nothing is made where there is no lake.
    await openLakeForReading(invocation.lake);
    const lake = await openLake(invocation.lake);
    const progress = progressLine('compact');
    try {
      const result = await compact(lake, {
        only: (job) => (table ?? job.table) === job.table && (day ?? job.day) === job.day,
        onProgress: (done, total) =>
          progress.update(done, total, `${grouped(done)} of ${counted(total, 'day')}`),
      });
      const now = Date.now() * 1000;
      const expired = age === null ? null : await alone(lake, () => expire(lake, now - age, now));
      progress.clear();
      const text = invocation.json
        ? jsonText(expired === null ? result : { ...result, expired })
        : [summary(result), ...(expired === null ? [] : [expiry(expired)])].join('\n');
      process.stdout.write(`${text}\n`);
      return 0;
    } finally {
      progress.clear();
    }
  },
};

const UNITS: Readonly<Record<string, number>> = { m: 60e6, h: 3600e6, d: 86_400e6 };

/** Microseconds; null when it was not given. */
function ageOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (number === undefined)
    throw new UsageError(`--expire takes an age like 7d, 12h or 30m, but "${text}" was given.`);
  return Number(number) * UNITS[unit!]!;
}

function expiry({ removed, bytes, locked, held, lockedUntil }: ExpireResult): string {
  const lines = [`${counted(removed, 'file')} of older snapshots removed, ${bytesText(bytes)}`];
  if (locked > 0)
    lines.push(
      `${counted(locked, 'file')} kept by the store${lockedUntil === null ? '' : `, the last until ${lockedUntil}`}`,
    );
  if (held > 0) lines.push(`${counted(held, 'file')} held by cases`);
  return lines.join('\n');
}

function summary(result: CompactResult): string {
  const { days, passedOver, filesBefore, filesAfter, rows, copies, bytesBefore, bytesAfter, seconds } =
    result;
  const later =
    passedOver === 0 ? [] : [`${counted(passedOver, 'day')} changed meanwhile and wait for the next run`];
  if (days === 0) return ['nothing to merge', ...later].join('\n');
  const lines = [
    `${counted(days, 'day')} of tables: ${counted(filesBefore, 'file')} became ${grouped(filesAfter)}, ` +
      `${bytesText(bytesBefore)} became ${bytesText(bytesAfter)}; ${counted(rows, 'row')} in ${seconds.toFixed(1)} s`,
  ];
  if (copies > 0)
    lines.push(`${grouped(copies)} of the rows are copies of events that another row shows better`);
  if (result.holdsCarried > 0)
    lines.push(`${counted(result.holdsCarried, 'file')} held from here on, for cases that held their rows`);
  return [...lines, ...later].join('\n');
}
