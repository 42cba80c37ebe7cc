/** COMPACT: days that are over become large files, and snapshots of long ago are given up, as far as there is time. */

import { alone, type CompactResult, compact } from '../../compaction/compact.ts';
import { type ExpireResult, expire } from '../../compaction/expire.ts';
import { readEnvironment } from '../environment.ts';
import { isNear } from '../parts/deadline.ts';
import { gapsIn } from '../parts/gaps.ts';
import { lakeFor } from '../parts/lake.ts';
import { powered } from '../parts/powered.ts';

/** For the day under way and the seal; what is not begun waits for the next run. */
const MARGIN_MILLIS = 300_000;
/** As long as snapshots are kept unless AKASHI_EXPIRE_DAYS says otherwise. */
const EXPIRE_DAYS = 7;
const DAY_MICROS = 86_400e6;

const lake = lakeFor('write');

export const handler = powered(
  'compact',
  async (_event: unknown, run): Promise<CompactResult & { readonly expired: ExpireResult | null }> => {
    const { AKASHI_EXPIRE_DAYS: days = EXPIRE_DAYS } = readEnvironment([
      'AKASHI_SIGNING_KEY',
      'AKASHI_EXPIRE_DAYS',
    ]);
    const opened = await lake();
    const isLate = () => isNear(run.context, MARGIN_MILLIS);
    const result = await compact(opened, { enough: isLate });
    const now = Date.now() * 1000;
    const expired = isLate() ? null : await alone(opened, () => expire(opened, now - days * DAY_MICROS, now));
    run.measure({ days: result.days, gaps: await gapsIn(opened, now) });
    run.logger.info('compacted', { ...result, expired });
    return { ...result, expired };
  },
);
