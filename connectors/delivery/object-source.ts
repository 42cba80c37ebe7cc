/** A bucket as a feed reads it, whoever keeps it. */

import type { Arrival, Missed } from './feed.ts';

export interface ListedObject {
  readonly key: string;
  /** Names its bytes: an ETag, or a generation. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
}

export interface ObjectSource {
  /** Objects below a prefix. */
  objects(prefix: string): AsyncIterable<ListedObject>;
  /** Names one level below a prefix that have more below them: `123456789012/`. */
  folders(prefix: string): Promise<string[]>;
  /** The object as it is now, or as it was at a version; what is gone or refused is missed. */
  fetch(key: string, role: Arrival['role'], versionId?: string): Promise<Arrival | Missed>;
  origin(key: string): string;
  close(): void;
}
