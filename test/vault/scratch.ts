import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new folder for one test file, removed when it is done. Call it at the top level of the file. */
export function scratchFolder(): () => Promise<string> {
  const made: string[] = [];
  afterAll(async () => {
    for (const folder of made) await rm(folder, { recursive: true, force: true });
  });
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'akashi-test-'));
    made.push(folder);
    return folder;
  };
}

/** Resolves to the code of the AkashiError that a promise rejects with; fails when it does not reject. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing was thrown',
    (error: unknown) => (error as { code?: unknown }).code,
  );
}
