/**
 * Which bodies that wait are sealed already. A manifest says how large the ledger was before its body was first stored:
 * what sealed it can only stand in the entries after that, however many bodies the lake holds. Where a manifest does not
 * say so, every body of the lake is gone through. It says so of the place that bodies of its source have: the same bytes
 * from another source have another place, and are one body for all that.
 */

import { decodeEntry } from '../ledger/entry.ts';
import { need } from '../ledger/outcome.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import { openSealed } from '../ledger/recover.ts';
import { hasCode } from '../ledger/store.ts';
import { type Head, readHead } from '../tables/head.ts';
import { evidenceKey } from '../vault/keys.ts';
import type { Lake } from '../vault/lake.ts';
import type { Manifest } from '../vault/manifest.ts';
import { pooled } from '../vault/pool.ts';
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

type Waiting = Pick<Manifest, 'source' | 'sha256' | 'ledgerBefore'>;

/** Looks which of the bodies are sealed. Throws as `openSealed` does. */
export async function sealedAmong(lake: Lake, manifests: readonly Waiting[]): Promise<SealedBodies> {
  const { head } = await readHead(lake.state);
  const identity = await readVkey(lake.root);
  const { headSize } = headFacts(head);
  let from = headSize;
  for (const { ledgerBefore = -1 } of manifests) from = Math.min(from, ledgerBefore);
  if (head.checkpoint === null) return { sealed: new Set(), look: { size: 0, since: new Set() } };
  if (from < 0 || identity === null || (await isHeldElsewhere(lake, sourcesOf(head), manifests)))
    return { sealed: await sealedEvidence(lake), look: null };
  const log = await openSealed(lake, identity, Buffer.from(head.checkpoint));
  const sealed = new Set<string>();
  await bodiesBetween(log, from, log.size, sealed);
  return { sealed, look: { size: log.size, since: new Set() } };
}

const STREAM = 'evidence/';

/** Sources that anything was sealed of. */
const sourcesOf = ({ tails }: Head): readonly string[] =>
  Object.keys(tails).flatMap((stream) => (stream.startsWith(STREAM) ? [stream.slice(STREAM.length)] : []));

/** Bodies asked about at once. */
const CONCURRENT = 16;

/** Whether the vault has one of the bodies under another source than its own. */
async function isHeldElsewhere(
  lake: Lake,
  sources: readonly string[],
  manifests: readonly Waiting[],
): Promise<boolean> {
  let found = false;
  await pooled(manifests, CONCURRENT, async ({ source, sha256 }) => {
    for (const other of sources)
      if (!found && other !== source && (await isThere(lake, evidenceKey(other, sha256)))) found = true;
  });
  return found;
}

/** Elsewhere in the cheapest request there is, as the answer is nearly always no; by a listing where that says nothing. */
async function isThere({ vault, remote }: Lake, key: string): Promise<boolean> {
  const seen = await remote?.newest(key, { start: 0, end: 1 }).then(
    () => true,
    (error: unknown) => (hasCode(error, 'STORE_MISSING') ? false : null),
  );
  if (typeof seen === 'boolean') return seen;
  for await (const found of vault.list(key)) return found.key === key;
  return false;
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
