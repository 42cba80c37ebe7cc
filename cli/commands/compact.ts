import { type CompactResult, compact } from '../../compaction/compact.ts';
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
  usage: '[--table T] [--day D]',
  about:
    'Every collect leaves small files. This merges those of each table and day, and decides once for all queries which of\n' +
    'several copies of an event is shown. Evidence is not touched, nor is any file of before: snapshots from before stay\n' +
    'readable. It may run beside a collect and be killed at any moment; run again, it goes on.',
  options: {
    table: { type: 'string', value: 'table', help: `Only this table: ${COMPACTED_TABLES.join(', ')}` },
    day: { type: 'string', value: 'day', help: 'Only this UTC day, e.g. 2026-03-01' },
  },
  examples: ['akashi compact', 'akashi compact --table events --day 2026-03-01'],
  async run(invocation) {
    const table = textOption(invocation, 'table');
    if (table !== undefined && !COMPACTED_TABLES.includes(table as TableName))
      throw new UsageError(`"${table}" is no table. Use one of ${COMPACTED_TABLES.join(', ')}.`);
    const day = textOption(invocation, 'day');
    if (day !== undefined && !/^(\d{4}-\d\d-\d\d|undated)$/.test(day))
      throw new UsageError(`--day takes a day like 2026-03-01, or undated, but "${day}" was given.`);
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
      progress.clear();
      process.stdout.write(`${invocation.json ? jsonText(result) : summary(result)}\n`);
      return 0;
    } finally {
      progress.clear();
    }
  },
};

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
