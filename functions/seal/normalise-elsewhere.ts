/** Rows made by other functions, several at once. What they say they made is looked at before it counts. */

import { AkashiError } from '../../schema/error.ts';
import { EXPANSION_LIMITS } from '../../stages/expand.ts';
import { type JobResult, runJob } from '../../stages/job.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Lake } from '../../vault/lake.ts';
import type { Manifest } from '../../vault/manifest.ts';
import { pooled } from '../../vault/pool.ts';
import { invoke } from '../parts/invoke.ts';
import { pack, unpack } from '../parts/payload.ts';

const FILES_AT_ONCE = 4;

/** It failed, or is of another version than this one. */
const NOT_ABLE = new Set(['INVOKE_FAILED', 'FUNCTIONS_DIFFER']);

/**
 * Runs a batch in the function of this name; where that cannot be called, or gives no answer that can be read, here. Throws
 * NORMALISE_WRONG for an answer that is not of this batch.
 */
export const normaliseElsewhere =
  (lake: Lake, name: string, onFailure: (error: AkashiError) => void, call = invoke) =>
  async (manifests: readonly Manifest[]): Promise<JobResult> => {
    let result: JobResult;
    try {
      result = unpack<JobResult>(await call(name, pack(manifests)));
    } catch (error) {
      if (!(error instanceof AkashiError && NOT_ABLE.has(error.code))) throw error;
      onFailure(error);
      return runJob(lake, manifests, EXPANSION_LIMITS);
    }
    await check(lake, manifests, result);
    return result;
  };

/** A row for each body of the batch and for no other, and files whose bytes are those that were told. */
async function check(
  { vault }: Lake,
  manifests: readonly Manifest[],
  { evidence, files }: JobResult,
): Promise<void> {
  const asked = manifests.map(({ sha256 }) => sha256).sort();
  const answered = evidence.map(({ sha256 }) => sha256).sort();
  if (asked.join() !== answered.join())
    throw wrong(
      `it has rows of ${answered.length} bodies, and was asked for those of ${asked.length} others`,
    );
  await pooled(Object.values(files).flat(), FILES_AT_ONCE, async ({ key, sha256 }) => {
    const { body } = await vault.get(key);
    if (hashBytes(body) !== sha256) throw wrong(`${key} holds other bytes than were told`);
  });
}

const wrong = (what: string): AkashiError =>
  new AkashiError(
    'NORMALISE_WRONG',
    `What a function normalised cannot be sealed: ${what}. Nothing was sealed of it; deploy all functions together.`,
  );
