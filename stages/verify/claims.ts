/** What the ledger's entries claim: which objects there are, with which bytes, and how many rows. */

import { hash } from 'node:crypto';
import { type DraftOf, decodeEntry, type Entry } from '../../ledger/entry.ts';
import { streamReader } from '../../ledger/stream.ts';
import { evidenceKey, makeKey, parseKey } from '../../vault/keys.ts';
import { stampParts } from '../stamp-keys.ts';
import type { Harm } from './report.ts';
import { emptySet, putIn, type RowSet } from './row-sets.ts';

export interface Claim {
  readonly key: string;
  readonly sha256: string;
  /** Null: kept beside an object that is counted itself. */
  readonly part: 'evidence' | 'data' | 'timestamps' | null;
  /** Bytes, where the ledger says so. */
  readonly size: number | null;
  /** Index of the entry that names it; the newest where several do. */
  readonly leaf: number;
}

export interface EvidenceClaim {
  readonly sha256: string;
  readonly source: string;
  readonly role: string;
  readonly origin: string;
  readonly modified: number | null;
  readonly size: number;
  readonly mapping: string | null;
  readonly events: number;
  readonly flows: number;
  readonly unreadable: number;
  /** With `entrySha256`: what tells whether a row of the evidence table says the same as the whole entry. */
  readonly previous: number | null;
  readonly entrySha256: string;
  /** Until when the store promised to keep the body, microseconds; null where it promised nothing. */
  readonly retainUntil: number | null;
}

/** A record in the chain of custody, by its place in the ledger. */
export interface CustodyClaim {
  readonly previous: number | null;
  readonly entrySha256: string;
}

/** A head of the ledger that a record of custody or a hold says it was made at. */
export interface HeadClaim {
  readonly size: number;
  readonly root: string | null;
  /** Where that is said first, and entries before it: none can have been made at a later head. */
  readonly key: string;
  readonly before: number;
}

export interface DataClaim {
  readonly table: string;
  readonly rows: number;
  readonly sha256: string;
  readonly ranges: string | null;
  readonly day: string | null;
  readonly copies: boolean;
}

export interface Claims {
  readonly objects: Map<string, Claim>;
  readonly evidence: Map<string, EvidenceClaim>;
  /** Newest metadata key of each table. */
  readonly metadata: Map<string, string>;
  /** Newest list of each table's needle index. */
  readonly index: Map<string, string>;
  /** Data files by key. */
  readonly data: Map<string, DataClaim>;
  /** Keys of data files whose rows lie in others now: their table lists them no more. */
  readonly replaced: Set<string>;
  /** Lists that a table's metadata is made of, by key: whether it is still made of them. */
  readonly lists: Map<string, boolean>;
  /** Custody records by leaf index. */
  readonly custody: Map<number, CustodyClaim>;
  /** Heads that records name, each once. */
  readonly heads: Map<string, HeadClaim>;
  /** Entries of holds, in order. */
  readonly holds: DraftOf<'hold'>[];
  /** Entries of time-stamps, in order. */
  readonly timestamps: DraftOf<'timestamp'>[];
  /** Verdicts of the provider's own proof, as a set of rows. */
  readonly verdicts: RowSet;
  readonly tails: ReadonlyMap<string, number>;
  /** Whether they are all there are. Of a damaged ledger only the entries that were sealed claim anything. */
  readonly complete: boolean;
}

/**
 * Takes the ledger's entries in order. `complete`: none is left out, so that each must name the one before it in its
 * stream.
 */
export function claimReader(
  problems: Harm[],
  complete = true,
): {
  readonly claims: Claims;
  take(index: number, bytes: Uint8Array): void;
} {
  const streams = streamReader();
  const claims: Claims = {
    objects: new Map(),
    evidence: new Map(),
    metadata: new Map(),
    index: new Map(),
    data: new Map(),
    replaced: new Set(),
    lists: new Map(),
    custody: new Map(),
    heads: new Map(),
    holds: [],
    timestamps: [],
    verdicts: emptySet(),
    tails: streams.tails,
    complete,
  };
  return {
    claims,
    take(index, bytes) {
      const entry = decodeEntry(bytes);
      const key = `ledger entry ${index}`;
      if (!entry.ok) {
        problems.push({ code: 'UNREADABLE', key, detail: entry.problem });
        return;
      }
      const fault = streams.take(index, entry.value);
      if (fault !== null && complete) problems.push({ code: 'LINK_BROKEN', key, detail: fault });
      try {
        claim(claims, index, entry.value, bytes);
      } catch (error) {
        problems.push({
          code: 'UNREADABLE',
          key,
          detail: error instanceof Error ? error.message : String(error),
        });
      }
    },
  };
}

function claim(claims: Claims, leaf: number, entry: Entry, bytes: Uint8Array): void {
  const { objects, evidence, metadata, index, data, replaced, lists, custody, holds, verdicts, complete } =
    claims;
  switch (entry.kind) {
    case 'evidence': {
      const { sha256, source, role, origin, modified, size, mapping, counts, previous } = entry;
      const key = evidenceKey(source, sha256);
      objects.set(key, { key, sha256, part: 'evidence', size, leaf });
      const { events, flows, unreadable } = counts;
      const rows = { events, flows, unreadable };
      const entrySha256 = hash('sha256', bytes, 'hex');
      const facts = { sha256, source, role, origin, modified, size, mapping };
      const retainUntil = entry.retainUntil ?? null;
      evidence.set(sha256, { ...facts, ...rows, previous, entrySha256, retainUntil });
      return;
    }
    case 'data': {
      const { key, sha256, table, rows, ranges, day } = entry;
      objects.set(key, { key, sha256, part: 'data', size: null, leaf });
      data.set(key, { table, rows, sha256, ranges, day, copies: entry.copies === true });
      if (ranges !== null) {
        const beside = rangesKey(key);
        objects.set(beside, { key: beside, sha256: ranges, part: 'data', size: null, leaf });
      }
      return;
    }
    case 'metadata':
      objects.set(entry.key, { key: entry.key, sha256: entry.sha256, part: 'data', size: null, leaf });
      metadata.set(entry.table, entry.key);
      return;
    case 'lists':
      for (const key of entry.added) {
        const sha256 = listHash(key);
        if (sha256 === null) throw new Error(`it names ${key}, which is no list of a table`);
        objects.set(key, { key, sha256, part: 'data', size: null, leaf });
        lists.set(key, true);
      }
      for (const key of entry.removed) if (lists.has(key)) lists.set(key, false);
      return;
    case 'replace':
      for (const key of [...entry.removed, ...entry.added])
        if (complete && data.get(key)?.table !== entry.table)
          throw new Error(`it replaces ${entry.table}'s ${key}, which no entry before it names`);
      for (const key of entry.removed) replaced.add(key);
      for (const key of entry.added) replaced.delete(key);
      return;
    case 'expire':
      for (const key of entry.keys) {
        const live = data.has(key)
          ? !replaced.has(key)
          : (lists.get(key) ?? metadata.get(entry.table) === key);
        if (complete && live) throw new Error(`it gives up ${key}, which is in use`);
        objects.delete(key);
        if (data.has(key)) objects.delete(rangesKey(key));
      }
      return;
    case 'remap': {
      const body = evidence.get(entry.sha256);
      if (body === undefined && complete)
        throw new Error(`it maps ${entry.sha256} anew, which no entry before it names`);
      const { events, flows, unreadable } = entry.counts;
      if (body !== undefined)
        evidence.set(entry.sha256, { ...body, events, flows, unreadable, mapping: entry.mapping });
      return;
    }
    case 'index':
      index.set(entry.table, entry.sha256);
      return;
    case 'timestamp':
      for (const { key, sha256 } of stampParts(entry))
        objects.set(key, { key, sha256, part: key === entry.key ? 'timestamps' : null, size: null, leaf });
      claims.timestamps.push(entry);
      return;
    case 'custody':
      custody.set(leaf, { previous: entry.previous, entrySha256: hash('sha256', bytes, 'hex') });
      claimHead(claims.heads, entry, `ledger entry ${leaf}`, leaf);
      return;
    case 'hold': {
      const { v: _, previous: __, ...hold } = entry;
      holds.push(hold);
      if (hold.action !== 'place') return;
      const key = makeKey('holdList', { sha256: hold.objectsSha256 });
      objects.set(key, { key, sha256: hold.objectsSha256, part: 'data', size: null, leaf });
      return;
    }
    case 'verdict': {
      const { source, proof, verdict, level, bodies, at } = entry;
      for (const body of bodies) {
        if (complete && !evidence.has(body))
          throw new Error(`it judges ${body}, which no entry before it names`);
        putIn(verdicts, [body, source, proof, verdict, level, at]);
      }
      return;
    }
    case 'seal': {
      if (entry.growth === undefined) return;
      const key = makeKey('growth', { size: entry.size, sha256: entry.growth });
      objects.set(key, { key, sha256: entry.growth, part: null, size: null, leaf });
      return;
    }
    case 'gap':
    case 'key':
    case 'export':
      return;
    default:
      entry satisfies never;
  }
}

/** Notes the head that a record says it was made at. */
export function claimHead(
  heads: Map<string, HeadClaim>,
  { headSize: size, headRoot: root }: Pick<DraftOf<'custody'>, 'headSize' | 'headRoot'>,
  key: string,
  before: number,
): void {
  const name = `${size} ${root}`;
  if ((size !== 0 || root !== null) && !heads.has(name)) heads.set(name, { size, root, key, before });
}

/** What the bytes of a list must hash to, by its key; null for the key of anything else. */
export function listHash(key: string): string | null {
  const parts = parseKey(key);
  switch (parts?.class) {
    case 'tableMetadata':
    case 'tablePart':
    case 'manifest':
    case 'manifestList':
      return parts.sha256;
    default:
      return null;
  }
}

/** Where the sidecar of a data file lies. */
export function rangesKey(dataKey: string): string {
  return dataKey.replace(/\.parquet$/, '.ranges.json');
}
