/** `--engine`: whom a question of `akashi query` is put to, and on record when. */

import { askWhereItFits } from '../engine/athena/ask.ts';
import { type Choice, ENGINES, type EngineAsked } from '../engine/athena/choose.ts';
import { type AthenaAtHead, athenaOf } from '../engine/athena/place.ts';
import { type QueryAnswer, type QueryRequest, runQuery } from '../engine/query.ts';
import type { Batch } from '../engine/result.ts';
import { AkashiError } from '../schema/error.ts';
import { completed, type Deed, type Recorder, recorded } from '../stages/custody.ts';
import type { Head } from '../tables/head.ts';
import type { Lake } from '../vault/lake.ts';
import { type Invocation, textOption } from './command.ts';
import { say } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Which engine is asked for, and Athena where the lake has it. */
export interface Asking {
  readonly engine: EngineAsked;
  readonly athena: AthenaAtHead | null;
}

/** Throws UsageError, and ATHENA_NONE where Athena is asked for and the lake names none. */
export async function engineOf(
  invocation: Invocation,
  lake: Lake,
  head: Head,
  format: string,
): Promise<Asking> {
  const text = textOption(invocation, 'engine') ?? 'auto';
  const engine = ENGINES.find((one) => one === text);
  if (engine === undefined)
    throw new UsageError(`--engine takes ${ENGINES.join(', ')}, but "${text}" was given.`);
  if (engine === 'athena' && format === 'parquet')
    throw new UsageError('--format parquet is written by our own engine; leave out --engine athena.');
  // Who asks for our own engine, and for a file that only it writes, need not wait for Athena's tables to be read.
  const athena = engine === 'duckdb' || format === 'parquet' ? null : await athenaOf(lake, head);
  if (engine !== 'athena' || athena !== null) return { engine, athena };
  throw new AkashiError(
    'ATHENA_NONE',
    `"${lake.address}" names no Athena work group. Give it one with athena= and glue= among its settings (docs/s3.md), or ` +
      'leave out --engine athena.',
  );
}

/** An answer, and its batches as they may be given out: once they are on record. */
export async function answerFor(
  request: QueryRequest,
  { engine, athena }: Asking,
  recorder: Recorder,
  deed: Deed,
): Promise<{ answer: QueryAnswer; batches: AsyncIterable<Batch> }> {
  if (athena === null) {
    const answer = await runQuery(request);
    return { answer, batches: recorded(recorder, deed, answer) };
  }
  let begun: string | null | undefined;
  const before = async (choice: Choice) => {
    say(`asked of Athena, because ${choice.why}; about $${choice.athenaDollars.toFixed(4)}`);
    begun = await recorder.record(deed);
  };
  const answer = await askWhereItFits(request, { ...athena, engine, before });
  const batches =
    begun === undefined ? recorded(recorder, deed, answer) : completed(recorder, deed, begun, answer);
  return { answer, batches };
}
