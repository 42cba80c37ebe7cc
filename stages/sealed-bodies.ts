/**
 * Which bodies that wait are sealed already. A manifest says how large the ledger was before its body was first stored:
 * what sealed it can only stand in the entries after that, however many bodies the lake holds. Where a manifest does not
 * say so, every body of the lake is gone through.
 */

import { decodeEntry } from '../ledger/entry.ts';
import { need } from '../ledger/outcome.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { openSealed } from '../ledger/recover.ts';
import { readHead } from '../tables/head.ts';
import type { Lake } from '../vault/lake.ts';
import type { Manifest } from '../vault/manifest.ts';
import { headFacts } from './custody.ts';
import { readVkey } from './ledger.ts';
import { sealedEvidence } from './recover.ts';

/** What was looked at, so that a seal looks only at what came after it. */
export interface Look {
  /** Entries of the ledger that were looked at. */
  size: number;
  /** Bodies that entries after those speak of, as far as they were read. */
  readonly since: Set<string>;
}

export interface SealedBodies {
  /** Of the bodies that were asked about, those that are sealed; others may be among them. */
  readonly sealed: Set<string>;
  /** Null where the tables were gone through. */
  readonly look: Look | null;
}

/** Looks which of the bodies are sealed. Throws as `openSealed` does. */
export async function sealedAmong(
  lake: Lake,
  manifests: Iterable<Pick<Manifest, 'ledgerBefore'>>,
): Promise<SealedBodies> {
  const { head } = await readHead(lake.state);
  const identity = await readVkey(lake.root);
  const { headSize } = headFacts(head);
  let from = headSize;
  for (const { ledgerBefore = -1 } of manifests) from = Math.min(from, ledgerBefore);
  if (head.checkpoint === null) return { sealed: new Set(), look: { size: 0, since: new Set() } };
  if (from < 0 || identity === null) return { sealed: await sealedEvidence(lake), look: null };
  const log = await openSealed(lake, identity, Buffer.from(head.checkpoint));
  const sealed = new Set<string>();
  await bodiesBetween(log, from, log.size, sealed);
  return { sealed, look: { size: log.size, since: new Set() } };
}

/** The first of these bodies that an entry after the look speaks of: somebody else sealed it since. */
export async function sealedSinceLook(
  log: LedgerReader,
  look: Look,
  bodies: Iterable<string>,
): Promise<string | null> {
  await bodiesBetween(log, look.size, log.size, look.since);
  look.size = Math.max(look.size, log.size);
  for (const sha256 of bodies) if (look.since.has(sha256)) return sha256;
  return null;
}

async function bodiesBetween(log: LedgerReader, from: number, to: number, into: Set<string>): Promise<void> {
  if (from >= to) return;
  for await (const { bytes } of log.readEntries(from, to)) {
    const entry = need(decodeEntry(bytes));
    if (entry.kind === 'evidence') into.add(entry.sha256);
  }
}
