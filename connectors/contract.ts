/** What one audit-trail source supplies; cursors, retries, hashing, counting and Parquet belong to the pipeline. */

import type { AuditEvent, Flow } from '../schema/columns.ts';
import type { Feed } from './delivery/feed.ts';
import type { SettingsShape } from './delivery/settings.ts';

/** Facts kept beside a preserved body; with its bytes they decide its rows, so they hold no clock of ours. */
export interface BodyFacts {
  /** SHA-256 of the bytes as received, 64 hex digits. */
  readonly sha256: string;
  /** Path or object key the body came from. A hint only: a renamed copy must give the same rows. */
  readonly origin: string;
  /** Last-modified time the origin gave, microseconds since the epoch; it settles the year of `Dec 10 06:55:46`. */
  readonly modified: number | null;
}

/** One record of a body, before anyone has said what it means. */
export interface SourceRecord {
  /** The record's text exactly as delivered (decoded, when it sat in a JSON string; rebuilt for table rows). */
  readonly raw: string;
  /**
   * The same text as bytes in the body, when `raw` is exactly `bytes[start, end)` and valid UTF-8, so that it can be
   * stored without another encoding; null when raw was decoded or rebuilt.
   */
  readonly bytes: Uint8Array | null;
  /** The parsed JSON; undefined for text lines. */
  readonly value: unknown;
  /** `bytes=<start>-<end exclusive>`, then `;pointer=/a/0` inside it, or `row=<n>`; `;rebuilt` when raw is not exact. */
  readonly locator: string;
  /** What encloses the record and is said once for all: header line, envelope, column names. */
  readonly context?: unknown;
}

/** A part of a body that is no record, with its place and what is wrong. */
export interface BrokenRecord {
  readonly locator: string;
  readonly code: ProblemCode;
  readonly path: string;
  readonly problem: string;
  /** The first 4 KiB of the offending text. */
  readonly raw: string;
}

export type ProblemCode =
  | 'invalid_json'
  | 'not_an_object'
  | 'missing_field'
  | 'invalid_field'
  | 'invalid_text'
  | 'record_too_large'
  | 'truncated'
  | 'truncated_gzip'
  | 'corrupt_gzip'
  | 'expansion_limit'
  | 'trailing_garbage'
  | 'invalid_parquet'
  | 'mapping_failed';

/** Where a splitter hands over what it finds, in the order of the body. */
export interface RecordSink {
  record(record: SourceRecord): void;
  broken(broken: BrokenRecord): void;
  /** Counts a record that by rule holds no event (a header line, a control message) without making a SourceRecord. */
  skipped(reason: string): void;
}

/** Takes a decompressed body in chunks of any size; memory stays bounded by the longest record. */
export interface Splitter {
  /** The chunk's memory must not be used for anything else until the body has ended: it may be read in place. */
  push(chunk: Uint8Array): void;
  /** A promise only where the format is read from its end, as Parquet is. */
  end(): void | Promise<void>;
}

/** Each record ends as exactly one of these: records in = events + flows + skipped + unreadable. */
export type Normalised =
  | { readonly kind: 'event'; readonly event: AuditEvent }
  | { readonly kind: 'flow'; readonly flow: Flow }
  | { readonly kind: 'skipped'; readonly reason: string }
  | {
      readonly kind: 'unreadable';
      readonly code: ProblemCode;
      readonly path: string;
      readonly problem: string;
    };

/** What is known of a body before it is read: enough to tell whose it is. */
export interface BodySample {
  /** Path or key, forward slashes. */
  readonly path: string;
  /** The first bytes after decompression, at most 64 KiB. */
  readonly head: Uint8Array;
  /** `head` as text, broken UTF-8 replaced, BOM removed. */
  readonly text: string;
  /** Whether `head` is the whole body. */
  readonly complete: boolean;
  /** The first JSON records found in `head` (containers opened, at most 5), parsed; empty for text. */
  readonly records: readonly unknown[];
  /** Names of the top-level members seen in the first JSON object of `head`, in order. */
  readonly members: readonly string[];
}

/** `records` holds events or flows, `digest` proves other objects and holds no events. */
export interface Recognition {
  readonly role: 'records' | 'digest';
  /** 0 … 1: 0.9 for a field no other source has, 0.5 for a shape that fits, 0.1 for a last resort. */
  readonly confidence: number;
}

/** Longest time the vendor says a record may trail its event. */
export interface DeliveryDelay {
  readonly minutes: number;
  readonly reference: string;
}

/** Objects in a bucket: told from the key alone, before anything is fetched. */
export interface ObjectDelivery {
  readonly kind: 'objects';
  role(key: string): 'records' | 'digest' | 'ignore';
}

/** A place that bytes can be pulled from: a bucket, a queue that tells of one, an API. */
export interface FeedDelivery {
  readonly kind: 'feed';
  /** Told apart by it from the source's other feeds: `bucket`, `lookup-events`. */
  readonly id: string;
  readonly help: string;
  readonly settings: SettingsShape;
  /** Which place the settings name: a cursor is of no use at another. Null where cursors tell it themselves. */
  place(settings: Readonly<Record<string, unknown>>): string | null;
  /** Settings as `readSettings` gives them. Loads the vendor's SDK. */
  open(settings: Readonly<Record<string, unknown>>): Promise<Feed>;
}

/**
 * Said of a source whose bodies were taken out of another tool's store. What that store held was under no proof of ours
 * before it was received, and what it left out is not known: nothing of such a source is ever claimed to be complete.
 */
export interface Imported {
  /** The store: `CloudTrail Lake`. */
  readonly from: string;
  /** What its bodies are, as the end of a sentence. */
  readonly held: string;
}

/** What a connector's folder supplies. */
export interface Source {
  /** `aws.cloudtrail`; its folder is the same with a hyphen. Part of every stored key, so never renamed. */
  readonly id: string;
  readonly title: string;
  readonly cloud: 'aws' | 'azure' | 'gcp' | null;
  /** Vendor page defining the record format; read `normalise` beside it. */
  readonly formatReference: string;
  readonly delay: DeliveryDelay;
  readonly table: 'events' | 'flows';
  readonly delivery: readonly (ObjectDelivery | FeedDelivery)[];
  recognise(sample: BodySample): Recognition | null;
  /** Asked only when no other source knows the body; such sources stand last in the registry. */
  readonly lastResort?: true;
  /** Splits one decompressed body. Total: any bytes end as records, skips and broken parts. */
  records(sink: RecordSink, facts: BodyFacts): Splitter;
  /** Pure and total: no clock, no network, never throws, never invents. */
  normalise(record: SourceRecord, facts: BodyFacts): Normalised;
  /** For each column it fills, the vendor's field(s) it comes from, as the vendor writes them. */
  readonly crosswalk: Readonly<Record<string, string>>;
  /** Members of the vendor's record shown as columns of the native view (`aws_cloudtrail` for aws.cloudtrail). */
  readonly nativeFields: readonly string[];
  readonly imported?: Imported;
}

/** A source with the version of its mapping, which changes whenever other rows could come of the same bytes. */
export interface Connector extends Source {
  /** `aws.cloudtrail/` and a fingerprint of the code and data that decide its rows. */
  readonly mappingVersion: string;
}
