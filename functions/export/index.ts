/** EXPORT: the answer to a question as an evidence package, on record before it leaves, into the exports bucket. */

import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { ASKED } from '../parts/asked.ts';
import { functionCustodian } from '../parts/custodian.ts';
import { parsedEvent } from '../parts/event.ts';
import { lakeFor } from '../parts/lake.ts';
import { powered } from '../parts/powered.ts';
import { packageFor } from './package.ts';
import { type ExportAnswer, type ExportEvent, upload } from './place.ts';

const EVENT = z.strictObject({
  /** Folder of the package below AKASHI_EXPORTS; one is made up where none is given. */
  id: z.uuid().default(() => randomUUID()),
  asked: ASKED,
  /** Who asked for it, as IAM says; left out, whoever called the function is not known by name. */
  account: z.string().min(1).optional(),
  records: z.enum(['originals', 'slices', 'none']).default('originals'),
  rows: z.array(z.enum(['csv', 'parquet', 'ocsf'])).default(['csv', 'parquet', 'ocsf']),
  encryptTo: z.array(z.string()).default([]),
  allowEmpty: z.boolean().default(false),
});

const lake = lakeFor('read');

export const handler = powered('export', async (event: unknown, run): Promise<ExportAnswer> => {
  const wanted: ExportEvent = parsedEvent('export', EVENT, event);
  const opened = await lake();
  const file = opened.scratchPath('.package');
  try {
    const made = await packageFor(opened, wanted, file, functionCustodian(run.context).account, run);
    const answer = await upload(file, wanted, made);
    run.measure({ rows: made.rows });
    run.logger.info('exported', { ...answer });
    return answer;
  } finally {
    await rm(file, { force: true });
  }
});
