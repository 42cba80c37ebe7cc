/**
 * What the ledger holds: one small manifest of hashes for each thing that happened to the lake, as canonical JSON.
 * The things themselves lie elsewhere; an entry lets anyone tell whether they are still what they were.
 */

import { AkashiError } from '../schema/error.ts';
import { NEWER, newerFormat, newerText } from '../schema/newer.ts';
import { MAX_ENTRY_BYTES } from './bundle.ts';
import { canonicalJson, parseCanonicalJson } from './canonical.ts';
import { accepted, need, type Outcome, refused } from './outcome.ts';
import {
  agreeing,
  count,
  day,
  type Fields,
  listOf,
  micros,
  type ObjectOf,
  object,
  oneOf,
  optional,
  orNull,
  sha256,
  text,
  yes,
} from './shape.ts';

/** Records in = events + flows + skipped + unreadable, always. */
const counts = agreeing(
  object({ records: count, events: count, flows: count, skipped: count, unreadable: count }),
  ({ records, events, flows, skipped, unreadable }) =>
    records === events + flows + skipped + unreadable
      ? null
      : `do not add up: ${records} records, ${events} events, ${flows} flows, ${skipped} skipped, ${unreadable} unreadable`,
);

/** The members of each kind beside `v`, `kind` and `previous`. Names are stored for good and never change. */
const KINDS = {
  /** A body as received. */
  evidence: {
    sha256,
    /** Bytes. */
    size: count,
    source: text,
    role: oneOf('records', 'digest', 'unrecognised'),
    /** Path or URL it came from, without credentials. */
    origin: text,
    versionId: orNull(text),
    /** SHA-256 of the origin's object metadata as canonical JSON. */
    metadata: orNull(sha256),
    /** Last-modified time the origin gave. */
    modified: orNull(micros),
    receivedAt: micros,
    counts,
    firstTime: orNull(micros),
    lastTime: orNull(micros),
    /** Version of the mapping that read it. */
    mapping: orNull(text),
    /** What the provider's own proof says of it. */
    verdict: orNull(text),
    /** Until when the store promised to keep it; left out where it promised nothing. */
    retainUntil: optional(micros),
  },
  /** A Parquet file of rows. */
  data: {
    table: text,
    key: text,
    sha256,
    rows: count,
    /** UTC day of its rows; null where they have no time. */
    day: orNull(day),
    mapping: orNull(text),
    /** SHA-256 of the file of hashes by column chunk. */
    ranges: orNull(sha256),
    /** It holds only copies that a compaction set aside for better ones. */
    copies: optional(yes),
  },
  /** Table metadata or a manifest. */
  metadata: {
    table: text,
    key: text,
    sha256,
    /** When it was sealed; left out by versions that did not say. */
    at: optional(micros),
  },
  /** Lists that the table's metadata is made of, each named by its SHA-256: parts of it, manifests, lists of manifests. */
  lists: {
    table: text,
    /** Keys of those that are new. */
    added: listOf(text),
    /** Keys of those that it names no longer, and that older metadata may. */
    removed: listOf(text),
    at: micros,
  },
  /** The list of a table's needle index, so that one that was altered is not believed. */
  index: { table: text, sha256 },
  /** Data files whose rows lie in others from here on; several entries where they are many. */
  replace: {
    table: text,
    operation: oneOf('compact', 'remap'),
    /** Keys of the files that were replaced, and stay for the snapshots before. */
    removed: listOf(text),
    /** Keys of the files with their rows. */
    added: listOf(text),
    at: micros,
  },
  /** Files of snapshots that nobody may ask for any more: they were removed, or may be from here on. */
  expire: { table: text, keys: listOf(text), at: micros },
  /** Rows of a body, derived again with another mapping: what its own entry counted no longer holds. */
  remap: {
    sha256,
    source: text,
    mapping: text,
    counts,
    firstTime: orNull(micros),
    lastTime: orNull(micros),
    at: micros,
  },
  /** Somebody collected, queried, exported, held or verified. */
  custody: {
    id: text,
    action: text,
    /** Who, as they said; the account where they said nothing. */
    actor: text,
    /** The account it was done with, as the system says. */
    account: orNull(text),
    case: orNull(text),
    purpose: orNull(text),
    at: micros,
    /** The ledger's head as whoever acted saw it. */
    headSize: count,
    headRoot: orNull(sha256),
    /** What was acted on: the SQL, an object's hash, a package. Null where it is too long for an entry. */
    subject: orNull(text),
    /** SHA-256 of the subject's text, also where the text itself is left out. */
    subjectSha256: orNull(sha256),
    /** Parameters of a query as JSON; their hash where they are too long. */
    parameters: orNull(text),
    /** Rows that left; null where that was not known when the first one did. */
    rows: orNull(count),
    result: orNull(text),
    /** Id of the record whose end this one tells. */
    completes: orNull(text),
    tool: orNull(text),
  },
  /** A case holds objects, or lets them go. */
  hold: {
    id: text,
    case: text,
    action: oneOf('place', 'release'),
    /** How the objects were chosen: SQL or a time range. */
    scope: text,
    objects: count,
    /** SHA-256 of the objects' keys, sorted, one a line. */
    objectsSha256: sha256,
    actor: text,
    account: orNull(text),
    reason: orNull(text),
    at: micros,
    headSize: count,
    headRoot: orNull(sha256),
    tool: orNull(text),
  },
  /** Something expected is not there, or arrived after all. */
  gap: {
    source: text,
    account: orNull(text),
    region: orNull(text),
    from: micros,
    to: micros,
    state: text,
    expected: orNull(count),
    held: orNull(count),
    detail: orNull(text),
    at: micros,
  },
  /** What the provider's own proof says of bodies, at one judgement; a later one is another entry. */
  verdict: {
    source: text,
    /** Whose proof: `cloudtrail.digest`, `cloudtrail.lake`; `import` where it is our word that it was imported. */
    proof: text,
    verdict: text,
    level: oneOf('valid', 'open', 'invalid'),
    /** SHA-256 of each body. */
    bodies: listOf(sha256),
    at: micros,
  },
  /** A key that signs the log's checkpoints comes or goes. */
  key: { vkey: text, action: oneOf('add', 'retire', 'revoke'), reason: orNull(text), at: micros },
  /** An RFC 3161 token over a sealed checkpoint. */
  timestamp: {
    /** Size of the checkpoint it covers. */
    size: count,
    /** SHA-256 of the checkpoint as it is stored. */
    checkpointSha256: sha256,
    key: text,
    tokenSha256: sha256,
    authority: text,
    /** Time the authority states. */
    time: micros,
    /** SHA-256 of what is kept beside the token: what was asked, and when. */
    contextSha256: sha256,
    /** SHA-256 of each revocation list that was fetched with it. */
    crls: listOf(sha256),
  },
  /** The checkpoint a seal grew from, so that no sealed checkpoint can be taken away unnoticed. */
  seal: {
    /** Entries the checkpoint covers. */
    size: count,
    /** SHA-256 of the checkpoint as it is stored. */
    checkpointSha256: sha256,
    /** SHA-256 of the growth that the seal of that checkpoint left in the vault; left out by versions that left none. */
    growth: optional(sha256),
  },
  /** A package left the lake. */
  export: {
    id: text,
    case: orNull(text),
    actor: text,
    manifestSha256: sha256,
    rows: count,
    objects: count,
    recipient: orNull(text),
    at: micros,
  },
} as const satisfies Record<string, Fields>;

export type EntryKind = keyof typeof KINDS;

/** An entry of one kind, before its place in the log is known. */
export type DraftOf<K extends EntryKind> = { readonly kind: K } & ObjectOf<(typeof KINDS)[K]>;
export type Draft = { [K in EntryKind]: DraftOf<K> }[EntryKind];

export type EntryOf<K extends EntryKind> = DraftOf<K> & {
  /** Version of this format. */
  readonly v: 1;
  /** Leaf index of the entry before it in its stream; null for the first. */
  readonly previous: number | null;
};
export type Entry = { [K in EntryKind]: EntryOf<K> }[EntryKind];

const VERSION = 1;

const COMMON = {
  v: { fault: (value: unknown) => (value === 1 ? null : 'is not 1') },
  previous: orNull(count),
};

const SHAPES = new Map(
  Object.entries(KINDS).map(([kind, fields]) => [kind, object({ ...COMMON, ...fields, kind: oneOf(kind) })]),
);

function faultOf(value: unknown): string | null {
  const kind = (value as { kind?: unknown } | null)?.kind;
  const shape = SHAPES.get(kind as string);
  return shape === undefined ? `kind is not one of ${[...SHAPES.keys()].join(', ')}` : shape.fault(value);
}

/**
 * The bytes of an entry. Throws ENTRY_INVALID for one that no reader would accept, JSON_NOT_CANONICAL for text that
 * is not well-formed, and ENTRY_TOO_LONG beyond 65,535 bytes.
 */
export function encodeEntry(entry: Entry): Uint8Array {
  const fault = faultOf(entry);
  if (fault !== null) {
    throw new AkashiError('ENTRY_INVALID', `This ${entry.kind} entry cannot go into the ledger: ${fault}.`);
  }
  const bytes = Buffer.from(need(canonicalJson(entry)));
  checkEntryLength(bytes);
  return bytes;
}

/** Throws ENTRY_TOO_LONG for what no entry bundle can hold. */
export function checkEntryLength({ length }: Uint8Array): void {
  if (length <= MAX_ENTRY_BYTES) return;
  throw new AkashiError(
    'ENTRY_TOO_LONG',
    `A ledger entry of ${length} bytes; at most ${MAX_ENTRY_BYTES} fit. ` +
      'Store the content elsewhere and put its SHA-256 into the entry.',
  );
}

/**
 * Reads an entry: LAKE_NEWER for one of a newer version, ENTRY_UNREADABLE for anything else that `encodeEntry` does not
 * write. An entry with a member or a kind that version 1 does not have is of version 2: nothing in the ledger is passed over.
 */
export function decodeEntry(bytes: Uint8Array): Outcome<Entry> {
  const parsed = parseCanonicalJson(bytes);
  if (!parsed.ok) return refused('ENTRY_UNREADABLE', parsed.problem);
  const newer = newerFormat((parsed.value as { v?: unknown } | null)?.v, VERSION);
  if (newer !== null) return refused(NEWER, `the entry ${newerText(newer, VERSION)}`);
  const fault = faultOf(parsed.value);
  return fault === null ? accepted(parsed.value as unknown as Entry) : refused('ENTRY_UNREADABLE', fault);
}
