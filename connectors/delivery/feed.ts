/** How bytes arrive by themselves: what a feed yields, and what a pull gives it to work with. */

/** A body too large for memory, in a file that the puller may take over. */
export interface SpooledBody {
  readonly path: string;
  /** 64 hex digits. */
  readonly sha256: string;
  readonly size: number;
  readonly disposable: true;
}

/** Bytes exactly as a vendor sent them, and where they are from. */
export interface Arrival {
  readonly kind: 'arrival';
  readonly role: 'records' | 'digest';
  readonly body: Uint8Array | SpooledBody;
  /** Object URL or request URL, without credentials. */
  readonly origin: string;
  readonly versionId: string | null;
  /** The object's metadata as the vendor keeps it, and `ETag` where there is one. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Last-modified time, microseconds since the epoch. */
  readonly modified: number | null;
}

/** Everything that an API gave between two instants, of one account and region; null: of all of them. Microseconds. */
export interface FetchedWindow {
  readonly account: string | null;
  readonly region: string | null;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * A place to stop at: once every arrival before it is preserved, the cursor is saved and whoever waits for an answer is
 * told. A crash before that repeats arrivals and never skips one.
 */
export interface Mark<Cursor> {
  readonly kind: 'mark';
  readonly cursor?: Cursor;
  readonly window?: FetchedWindow;
  /** Tells a queue that its message is done with. */
  readonly acknowledge?: () => Promise<void>;
}

/** Something found that is not fetched, and why. */
export interface PassedOver {
  readonly kind: 'passed';
  readonly reason: 'held' | 'not_a_log';
}

/** Something named that could not be fetched; the rest goes on, and the mark after it carries no cursor. */
export interface Missed {
  readonly kind: 'missed';
  readonly origin: string;
  readonly code: string;
  readonly problem: string;
}

export type Step<Cursor> = Arrival | Mark<Cursor> | PassedOver | Missed;

/** What is asked of a feed. */
export interface PullRequest<Cursor> {
  /** Where the last pull stopped; null at the first, and for a range of its own. */
  readonly after: Cursor | null;
  /** A range to fetch again or for the first time, instead of going on after the cursor; milliseconds. */
  readonly range: { readonly since: number; readonly until: number } | null;
  /** When the pull began, milliseconds. */
  readonly now: number;
  readonly signal: AbortSignal;
  /**
   * Whether the lake holds an object already, by its origin and ETag or version: one that cannot have come before an
   * instant, milliseconds. It may not know of one that did.
   */
  heldSince(millis: number): Promise<(origin: string, version: string) => boolean>;
  /** Takes a body off a stream: into memory while it is small, else into a file. */
  spool(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array | SpooledBody>;
}

/** One place bytes come from, as configured. */
export interface Feed<Cursor = unknown> {
  /** Yields until caught up or aborted. Throws an AkashiError when the vendor refuses for good. */
  steps(request: PullRequest<Cursor>): AsyncIterable<Step<Cursor>>;
}
