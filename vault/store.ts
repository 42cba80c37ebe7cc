/** The one small interface behind which a lake's bytes lie: local folders, memory for tests, S3. */

import type { WriteKind } from './write-kind.ts';

/**
 * A body that lies in a file, so that one of any size is streamed and never held in memory. The store checks size
 * and hash while it stores: a file that changed since it was hashed is refused with STORE_BODY_CHANGED.
 */
export interface FileBody {
  readonly path: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  readonly size: number;
  /** The caller gives the file away: a store on the same file system takes it over without copying. */
  readonly disposable?: true;
}

export type Body = Uint8Array | FileBody;

export interface StoredObject {
  readonly body: Uint8Array;
  readonly version: string;
}

/** What keeps an object from being removed. */
export interface ObjectLock {
  /** `folder`: our own refusal only; the disk's owner can bypass it. The others are S3's own modes. */
  readonly mode: 'folder' | 'governance' | 'compliance';
  readonly retainUntil: Date;
}

export interface ObjectStat {
  /** Bytes. */
  readonly size: number;
  /**
   * Names the bytes as they are stored now: the SHA-256 of a state object, S3's version id or ETag, size and
   * modification time of a file in a vault. Opaque: only good for comparing and for `putIfUnchanged`.
   */
  readonly version: string;
  readonly lock?: ObjectLock;
  /** Whether a legal hold is on; absent where the store keeps none. */
  readonly held?: boolean;
}

export interface Listed {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** When the store took it, by the store's own clock, where its listing says so and nobody else can set it. */
  readonly storedAt?: Date;
}

export interface WriteItem {
  readonly key: string;
  readonly body: Body;
  readonly kind: WriteKind;
}

export type WriteOutcome = 'created' | 'exists';

/**
 * What a vault and a state store both do. Every method throws an AkashiError and nothing else: STORE_BAD_KEY for a
 * key no layout allows, STORE_DENIED, STORE_FULL, STORE_UNSUPPORTED or STORE_FAILED for what the system below
 * answers, and over a network STORE_UNAVAILABLE and STORE_BUSY: what was asked may have been carried out, and asking
 * again is safe.
 */
export interface Store {
  /** What a person would call it in a message: a folder, a bucket. */
  readonly name: string;

  /**
   * Stores a body under a key nothing has used. When it resolves the bytes are durable: they survive a power cut.
   * `exists` is said only when the very same bytes are there (hashes are compared) and are durable too; other
   * bytes under the key throw STORE_CONFLICT. A key is never seen with part of its body, whenever the writer
   * dies. An empty body throws STORE_EMPTY_BODY unless the kind allows it.
   */
  putIfAbsent(key: string, body: Body, kind: WriteKind): Promise<WriteOutcome>;

  /**
   * The same for many, faster: outcomes in the order of the items, once all are durable. When it throws, each item
   * is either stored whole or not at all, and the call can simply be made again.
   */
  putManyIfAbsent(items: readonly WriteItem[]): Promise<WriteOutcome[]>;

  /** URI below which other engines find the objects by their keys, without a slash at its end; absent where none does. */
  readonly location?: string;

  /** The whole body in memory. Throws STORE_MISSING. */
  get(key: string): Promise<StoredObject>;

  /**
   * Bytes `start` (inclusive) to `end` (exclusive). Throws STORE_MISSING, and STORE_RANGE unless
   * 0 ≤ start < end ≤ size: a reader that asks beyond the end works from wrong facts.
   */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;

  /** Null when nothing is stored under the key. */
  stat(key: string): Promise<ObjectStat | null>;

  /** All keys that start with `prefix` (any string, not only whole folders), ordered by their bytes. */
  list(prefix: string): AsyncIterable<Listed>;

  /** A body of any size in chunks; memory stays flat. Throws STORE_MISSING at the first chunk. */
  openRead(key: string): AsyncIterable<Uint8Array>;

  /** Only where objects are files of this machine: the path at which DuckDB reads one in place. */
  localPath?(key: string): string;
}

/** Write-once storage. It offers no overwrite and no removal: the type itself says so. */
export interface VaultStore extends Store {
  /**
   * Only where the store can keep an object from removal beside its retention date. On, the object stays until it is
   * off again, whatever its date; durable when it resolves, and harmless to repeat. The store counts nothing: who
   * still holds an object is known to vault/holds.ts alone. Throws STORE_MISSING.
   */
  setLegalHold?(key: string, on: boolean): Promise<void>;
}

/** Small replaceable objects beside write-once ones that may go (`pending/`, `staging/`). */
export interface StateStore extends Store {
  /**
   * Compare and swap: stores `body` if the object's version is still `expected` (null: if there is none) and
   * resolves to the new version once it is durable. Throws STORE_CHANGED when another writer was first. A version
   * stands for content: swapped away and back, an object has its old version again.
   */
  putIfUnchanged(key: string, body: Uint8Array, expected: string | null): Promise<string>;

  /** Stores or replaces. Readers see the old body or the new one, whole. Durable when it resolves. */
  put(key: string, body: Uint8Array): Promise<void>;

  /** Removes; fine when nothing is there. */
  remove(key: string): Promise<void>;
}
