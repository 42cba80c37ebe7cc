/**
 * PRESERVE: a body is stored write-once under its hash, then what is known of its origin is put into the sealer's
 * inbox. Both are durable when `preserve` resolves; only then may a cursor move.
 */

import { AkashiError } from '../schema/error.ts';
import { hashBytes } from './durable-file.ts';
import { evidenceKey, PREFIXES, parseKey, pendingKey } from './keys.ts';
import { encodeManifest, type Manifest, type ManifestProblem, parseManifest } from './manifest.ts';
import { pooled } from './pool.ts';
import type { Body, StateStore, VaultStore, WriteOutcome } from './store.ts';
import { WRITE_KINDS } from './write-kind.ts';

/** The two stores of a lake. */
export interface Stores {
  readonly vault: VaultStore;
  readonly state: StateStore;
  /** The catalogue whose tables follow each seal, where the lake names one. */
  readonly catalogue?: Catalogue;
}

/** A database of AWS Glue. */
export interface Catalogue {
  readonly glue: string;
  /** Athena's work group for questions that outgrow one function; null where there is none. */
  readonly athena: string | null;
  /** From the environment or AWS profile unless given. */
  readonly region: string | null;
}

/** Where a body came from: the manifest without what the body itself says. */
export type Provenance = Omit<Manifest, 'format' | 'source' | 'role' | 'sha256' | 'size' | 'ledgerBefore'>;

export interface PreserveRequest {
  /** Connector id, or `unrecognised`. */
  readonly source: string;
  readonly role: Manifest['role'];
  readonly body: Body;
  readonly provenance: Provenance;
}

/** What is true now: body and manifest are durable. */
export interface Preserved {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Where the body lies in the vault. */
  readonly key: string;
  /** `exists`: the vault held these bytes already. Not a duplicate yet: that is what the ledger holds. */
  readonly outcome: WriteOutcome;
  /** Where the manifest lies in the state store until it is sealed. */
  readonly pendingKey: string;
}

/** Preserves one body. Made again with the same request, it writes the same two keys. */
export async function preserve(stores: Stores, request: PreserveRequest): Promise<Preserved> {
  return (await preserveMany(stores, [request]))[0]!;
}

/**
 * Preserves many, faster; results in their order. `ledgerBefore`: how large the ledger was at some moment before this, so
 * that the sealer need not look further back for bodies that are new.
 */
export async function preserveMany(
  stores: Stores,
  requests: readonly PreserveRequest[],
  ledgerBefore?: number,
): Promise<Preserved[]> {
  const bodies = requests.map(describe);
  const outcomes = await stores.vault.putManyIfAbsent(
    bodies.map(({ key, request }) => ({ key, body: request.body, kind: WRITE_KINDS.evidence })),
  );
  const items = bodies.map((body, at) =>
    manifestOf(body, outcomes[at] === 'created' ? ledgerBefore : undefined),
  );
  // The bodies are durable. A crash here leaves evidence without provenance: the next collect finds the bytes
  // stored and writes the manifest.
  await stores.state.putManyIfAbsent(
    items.map(({ pending, bytes }) => ({ key: pending, body: bytes, kind: WRITE_KINDS.pending })),
  );
  // The sealer will find them from here on, whatever happens to us.
  return items.map(({ sha256, size, key, pending }, at) => ({
    sha256,
    size,
    key,
    outcome: outcomes[at]!,
    pendingKey: pending,
  }));
}

interface Described {
  readonly request: PreserveRequest;
  readonly sha256: string;
  readonly size: number;
  readonly key: string;
}

function describe(request: PreserveRequest): Described {
  const { source, body } = request;
  const { sha256, size } = body instanceof Uint8Array ? { sha256: hashBytes(body), size: body.length } : body;
  return { request, sha256, size, key: evidenceKey(source, sha256) };
}

function manifestOf({ request, sha256, size, key }: Described, ledgerBefore: number | undefined) {
  const { source, role, provenance } = request;
  const bytes = encodeManifest({
    format: 1,
    source,
    role,
    sha256,
    size,
    ...provenance,
    ...(ledgerBefore === undefined ? {} : { ledgerBefore }),
  });
  return { sha256, size, key, bytes, pending: pendingKey(sha256, hashBytes(bytes).slice(0, 16)) };
}

/** One entry of the inbox: a manifest, or something in its place that is none. */
export type PendingItem =
  | { readonly key: string; readonly manifest: Manifest }
  | ({ readonly key: string } & ManifestProblem);

/** Manifests read at once while draining. */
const DRAIN_BATCH = 64;

/**
 * Everything that waits to be sealed as evidence, in the order of keys. Total: what is no manifest, or not the one
 * its name promises, is handed over as a problem and stays where it is. Items removed meanwhile are passed over.
 */
export async function* drainPending(state: StateStore): AsyncGenerator<PendingItem> {
  let batch: string[] = [];
  for await (const { key } of state.list(PREFIXES.pending)) {
    // Notes have their own readers.
    if (parseKey(key)?.class === 'note') continue;
    batch.push(key);
    if (batch.length < DRAIN_BATCH) continue;
    yield* readBatch(state, batch);
    batch = [];
  }
  yield* readBatch(state, batch);
}

async function* readBatch(state: StateStore, keys: readonly string[]): AsyncGenerator<PendingItem> {
  const items = await pooled(keys, DRAIN_BATCH, (key) => readItem(state, key));
  for (const item of items) if (item !== null) yield item;
}

async function readItem(state: StateStore, key: string): Promise<PendingItem | null> {
  const parts = parseKey(key);
  if (parts?.class !== 'pending') return { key, problem: 'Its name is not that of a provenance manifest.' };
  let bytes: Uint8Array;
  try {
    bytes = (await state.get(key)).body;
  } catch (error) {
    if (error instanceof AkashiError && error.code === 'STORE_MISSING') return null;
    throw error;
  }
  const altered = { key, problem: 'Its content is not what its name was made from: it was altered.' };
  // Before anything it says is believed: "I am of a newer format" would excuse whatever stands there.
  if (hashBytes(bytes).slice(0, 16) !== parts.manifest) return altered;
  const manifest = parseManifest(bytes);
  if ('problem' in manifest) return { key, ...manifest };
  return manifest.sha256 === parts.sha256 ? { key, manifest } : altered;
}
