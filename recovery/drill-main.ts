/** `npm run drill`: makes a lake, loses each part of it, makes it again, and says how long that took and whether it is the same. */

import { parseArgs } from 'node:util';
import { printTable } from '../bench/print.ts';
import { drill } from './drill.ts';

/** The bench's lake: 20,000,000 events. */
const FULL = 20_000_000;
const QUICK = 20_000;
/** Minutes within which the bench's lake must be whole again on two cores. */
const TARGET_MINUTES = 120;

const { values } = parseArgs({
  options: {
    events: { type: 'string' },
    full: { type: 'boolean', default: false },
    lake: { type: 'string' },
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
  },
});
const events = values.full ? FULL : Number(values.events ?? QUICK);
if (!Number.isSafeInteger(events) || events < 1)
  throw new Error(`--events takes a number of events, but "${values.events}" was given.`);

const result = await drill({
  events,
  ...(values.lake === undefined ? {} : { lake: values.lake }),
  ...(values.only === undefined ? {} : { only: values.only }),
  onStep: (text) => process.stderr.write(`drill: ${text}\n`),
});
if (values.json) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
else {
  printTable(
    'Made again from the vault',
    [
      'lost',
      'seconds',
      'CPU',
      'state',
      'tables',
      'index',
      'files',
      'same root',
      'same answers',
      'verify --deep',
    ],
    result.losses.map((row) => [
      row.lost,
      row.seconds.toFixed(1),
      row.cpuSeconds.toFixed(1),
      ...[row.parts.state, row.parts.tables, row.parts.index].map((seconds) => seconds.toFixed(1)),
      `${row.restored} of ${row.missing}`,
      ...[row.sameRoot, row.sameAnswers, row.verified].map((is) => (is ? 'yes' : 'NO')),
    ]),
  );
  const minutes = (of: 'seconds' | 'cpuSeconds') =>
    ((Math.max(...result.losses.map((row) => row[of])) * FULL) / result.rows / 60).toFixed(0);
  process.stdout.write(
    `${result.rows} rows of ${result.evidenceBytes} bytes of evidence, ${result.entries} entries. At this rate ${FULL} rows ` +
      `would take ${minutes('seconds')} minutes, ${minutes('cpuSeconds')} of CPU; the target is ${TARGET_MINUTES}.\n`,
  );
}
process.exitCode = result.ok ? 0 : 1;
