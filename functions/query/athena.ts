/** A question that outgrows one function, asked of Athena: on record before it is asked, since its answer is written to a bucket. */

import { type AthenaRead, askOnlyAthena } from '../../engine/athena/ask.ts';
import type { AthenaAtHead } from '../../engine/athena/place.ts';
import type { QueryRequest } from '../../engine/query.ts';
import type { Batch, ResultColumn } from '../../engine/result.ts';
import { completed, type Deed, type Recorder } from '../../stages/custody.ts';

export interface FromAthena {
  readonly columns: readonly ResultColumn[];
  readonly rows: Batch;
  readonly truncated: 'rows' | 'bytes' | null;
  readonly read: AthenaRead;
}

/** Throws as `askOnlyAthena` does, and CUSTODY_NOT_KEPT before anything is asked. */
export async function askAthenaOnRecord(
  request: QueryRequest,
  athena: AthenaAtHead,
  recorder: Recorder,
  deed: Deed,
): Promise<FromAthena> {
  const begun = await recorder.record(deed);
  const answer = await askOnlyAthena(request, athena);
  const rows: Batch[number][] = [];
  for await (const batch of completed(recorder, deed, begun, answer)) rows.push(...batch);
  const { truncated } = await answer.summary;
  return { columns: answer.columns, rows, truncated, read: answer.read };
}
