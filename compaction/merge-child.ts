/** The process behind `mergeProcess`: the lake's address at start, then one message per job. It ends with its parent. */

import { AkashiError } from '../schema/error.ts';
import { openLakeForReading } from '../vault/lake.ts';
import { type DayJob, mergeDay } from './day-job.ts';
import type { ChildAnswer } from './merge-process.ts';

const lake = openLakeForReading(process.argv[2]!);
const answer = (message: ChildAnswer) => process.send!(message);

process.on('message', (job: DayJob) => {
  lake
    .then((opened) => mergeDay(opened, job))
    .then(
      (merged) => answer(merged),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        answer({ code: error instanceof AkashiError ? error.code : 'COMPACT_FAILED', message });
      },
    );
});
// Whoever asked is gone: what was written so far is an orphan that the next run names alike.
process.on('disconnect', () => process.exit(0));
