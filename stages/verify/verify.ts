/**
 * VERIFY: reads storage again and trusts only the public key, and the head remembered outside the lake if there is one.
 * Writes nothing into the lake.
 */

import { openCheckpoint } from '../../ledger/checkpoint.ts';
import { toHex } from '../../ledger/encoding.ts';
import { fsck } from '../../ledger/fsck.ts';
import { openSealed } from '../../ledger/recover.ts';
import { AkashiError } from '../../schema/error.ts';
import { type Head, readHead } from '../../tables/head.ts';
import type { Lake } from '../../vault/lake.ts';
import { readVkey } from '../ledger.ts';
import { claimReader } from './claims.ts';
import { compareWithKnown, readKnown, writeKnown } from './known.ts';
import { checkObjects, findUnclaimed } from './objects.ts';
import { rederive } from './rederive.ts';
import { messageOf, newVerification, type Verification } from './report.ts';
import { checkTables } from './tables.ts';

export interface VerifyOptions {
  /** Hash every byte. */
  readonly deep?: boolean;
  /** Derive every row again from evidence. */
  readonly rederive?: boolean;
  /** File with the verifier key to believe instead of the lake's own copy. */
  readonly publicKey?: string;
  /** File with the head remembered from the last verification; written when this one finds nothing wrong. */
  readonly known?: string;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

export async function verify(lake: Lake, options: VerifyOptions = {}): Promise<Verification> {
  const result = newVerification(options.deep === true ? 'bytes' : 'structure');
  const { problems } = result;
  const progress = options.onProgress ?? (() => {});
  let head: Head;
  try {
    ({ head } = await readHead(lake.state));
  } catch (error) {
    if (error instanceof AkashiError && error.code === 'LAKE_NEWER') throw error;
    problems.push({ code: 'UNREADABLE', key: 'head', detail: messageOf(error) });
    return finished(result);
  }
  const identity = await readVkey(lake.root, options.publicKey);
  if (identity === null) {
    if (options.publicKey !== undefined)
      throw new AkashiError(
        'KEY_MISSING',
        `there is no "${options.publicKey}"; name the file with the lake's verifier key.`,
      );
    if (head.checkpoint !== null)
      problems.push({
        code: 'UNSIGNED',
        key: 'ledger.vkey',
        detail: 'it is missing; name a copy with --public-key',
      });
    await findUnclaimed(lake, claimReader(problems).claims, result);
    return finished(result);
  }
  if (options.publicKey === undefined) {
    result.caveats.push(
      'The verifier key was read from the lake itself: whoever can replace the whole lake can replace it too. Name a copy kept elsewhere with --public-key.',
    );
  }

  const note = head.checkpoint === null ? null : Buffer.from(head.checkpoint);
  const reader = claimReader(problems);
  const report = await fsck(lake, identity, note, {
    onEntry: (index, bytes) => reader.take(index, bytes),
    onProgress: (done, total) => progress('ledger', done, total),
  });
  problems.push(...report.problems);
  const { tiles, bundles, entries, checkpoints, bytes } = report.checked;
  result.ledger = { tiles, bundles, entries, checkpoints };
  result.bytes += bytes;
  const opened = note === null ? null : openCheckpoint(note, identity);
  if (opened?.ok)
    result.checkpoint = {
      size: opened.value.size,
      root: toHex(opened.value.root),
      origin: opened.value.origin,
    };

  const { claims } = reader;
  await checkTables(lake, head, claims, problems);
  await checkObjects(lake, claims, options.deep === true, result, (done, total) =>
    progress('objects', done, total),
  );
  await findUnclaimed(lake, claims, result);
  await checkAgainstKnown(lake, identity.origin, options.known, note, report.ok, identity, result);
  if (options.rederive === true && problems.length === 0) {
    await rederive(lake, claims, result, (done, total) => progress('rows', done, total));
  }
  if (options.known !== undefined && problems.length === 0 && note !== null)
    await writeKnown(options.known, note);
  return finished(result);
}

async function checkAgainstKnown(
  lake: Lake,
  origin: string,
  file: string | undefined,
  note: Uint8Array | null,
  ledgerIsWhole: boolean,
  identity: Parameters<typeof openSealed>[1],
  result: Verification,
): Promise<void> {
  const known = file === undefined ? null : await readKnown(file);
  if (known === null) {
    result.caveats.push(
      'No earlier head is known, so it cannot be excluded that the whole lake was put back to an earlier state. Keep one outside the lake with --known.',
    );
    return;
  }
  try {
    const log = note === null || !ledgerIsWhole ? null : await openSealed(lake, identity, note);
    if (log === null && note !== null) return;
    const harm = await compareWithKnown(known, log, origin);
    if (harm !== null) result.problems.push(harm);
  } catch (error) {
    result.problems.push({ code: 'UNREADABLE', key: file!, detail: messageOf(error) });
  }
}

function finished(result: Verification): Verification {
  result.ok = result.problems.length === 0;
  return result;
}
