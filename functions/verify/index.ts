/** VERIFY: the lake against its ledger and the head remembered elsewhere; the outcome goes on record. */

import { z } from 'zod';
import { recorder } from '../../stages/custody.ts';
import type { Verification } from '../../stages/verify/report.ts';
import { verify } from '../../stages/verify/verify.ts';
import { readHead } from '../../tables/head.ts';
import { readEnvironment } from '../environment.ts';
import { functionCustodian } from '../parts/custodian.ts';
import { parsedEvent } from '../parts/event.ts';
import { gapsIn } from '../parts/gaps.ts';
import { lakeFor } from '../parts/lake.ts';
import { powered } from '../parts/powered.ts';
import { tsaRoots } from '../parts/tsa.ts';
import { wake } from '../parts/wake.ts';
import { knownFile } from './known.ts';

/** A schedule's own event says nothing of it; a person's may. `all`: locks of all bodies, not only of those that are due. */
const EVENT = z.looseObject({
  deep: z.boolean().optional(),
  rederive: z.boolean().optional(),
  all: z.boolean().optional(),
});
/** Told in the log and in the answer. */
const MOST_TOLD = 50;

const lake = lakeFor('read');

export const handler = powered('verify', async (event: unknown, run): Promise<Verification> => {
  const { deep = false, rederive = false, all = false } = parsedEvent('verify', EVENT, event ?? {});
  const { AKASHI_KNOWN: address } = readEnvironment(['AKASHI_KNOWN']);
  const opened = await lake();
  const known = address === undefined ? null : await knownFile(address, opened.scratchPath('.head'));
  const result = await verify(opened, {
    deep,
    rederive,
    onlyDue: !all,
    stamps: { roots: await tsaRoots(opened), policies: [] },
    ...(known === null ? {} : { known: known.path }),
  });
  await known?.keep();
  const { problems, level, checkpoint, asked } = result;
  const by = functionCustodian(run.context);
  const onRefused = (reason: string) => run.logger.warn('no custody record could be kept', { reason });
  const { head } = await readHead(opened.state);
  await recorder(opened.state, head, by, { onRefused }).record({
    action: 'verify',
    subject: `${level}: ${checkpoint === null ? 'a lake never sealed' : `${checkpoint.size} entries, root ${checkpoint.root}`}`,
    result: `${problems.length === 0 ? 'nothing wrong' : `${problems.length} problems`}${askedOf(asked)}`,
  });
  await wake(run);
  run.measure({ problems: problems.length, gaps: await gapsIn(opened, Date.now() * 1000) });
  for (const problem of problems.slice(0, MOST_TOLD)) run.logger.error('something is wrong', { ...problem });
  return { ...result, problems: problems.slice(0, MOST_TOLD), orphans: result.orphans.slice(0, MOST_TOLD) };
});

/** What goes on record is no more than was asked. */
const askedOf = ({ promised, locks, unreadCheckpoints, withinDays }: Verification['asked']): string =>
  withinDays === null
    ? ''
    : `; locks asked of ${locks} of ${promised} bodies, ${unreadCheckpoints} earlier checkpoints not read: each within ${withinDays} days`;
