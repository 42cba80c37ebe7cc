/** COMPACT: days that are over become large files, and snapshots of long ago are given up, as far as there is time. */

import { z } from 'zod';
import { alone, type CompactResult, compact } from '../../compaction/compact.ts';
import { type ExpireResult, expire } from '../../compaction/expire.ts';
import { remembering } from '../../vault/remembering.ts';
import { readEnvironment } from '../environment.ts';
import { isNear } from '../parts/deadline.ts';
import { parsedEvent } from '../parts/event.ts';
import { gapsIn } from '../parts/gaps.ts';
import { lakeFor } from '../parts/lake.ts';
import { powered } from '../parts/powered.ts';

/** For the day under way and the seal; what is not begun waits for the next run. */
const MARGIN_MILLIS = 300_000;
/** In UTC: once a day is enough, since what is there has to be listed. */
const EXPIRE_HOUR = 2;
/** As long as snapshots are kept unless AKASHI_EXPIRE_DAYS says otherwise. */
const EXPIRE_DAYS = 7;
const DAY_MICROS = 86_400e6;

/** Lists of files, read again and again within a run. */
const REMEMBERED_BYTES = 128 * 2 ** 20;
/** A schedule's own event says nothing of it; a person's may. `expire`: give up old snapshots now, and not at the hour for it. */
const EVENT = z.looseObject({ expire: z.boolean().optional() });

const lake = lakeFor('write');

export const handler = powered(
  'compact',
  async (event: unknown, run): Promise<CompactResult & { readonly expired: ExpireResult | null }> => {
    const { AKASHI_EXPIRE_DAYS: days = EXPIRE_DAYS } = readEnvironment([
      'AKASHI_SIGNING_KEY',
      'AKASHI_EXPIRE_DAYS',
    ]);
    const { expire: asked = false } = parsedEvent('compact', EVENT, event ?? {});
    const { lake: opened } = remembering(await lake(), REMEMBERED_BYTES);
    const isLate = () => isNear(run.context, MARGIN_MILLIS);
    const result = await compact(opened, { enough: isLate });
    const now = Date.now() * 1000;
    const isTime = asked || new Date(now / 1000).getUTCHours() === EXPIRE_HOUR;
    const expired =
      isLate() || !isTime ? null : await alone(opened, () => expire(opened, now - days * DAY_MICROS, now));
    run.measure({ days: result.days, gaps: await gapsIn(opened, now) });
    run.logger.info('compacted', { ...result, expired });
    return { ...result, expired };
  },
);
