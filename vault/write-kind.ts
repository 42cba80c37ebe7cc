/** The kinds of write, named once, so that no call site chooses a content type or a lock by accident. */

export interface WriteKind {
  readonly name: string;
  readonly contentType: string;
  /** Stored under retention: nobody may remove it before its date. */
  readonly locked: boolean;
  /** Most empty bodies are a bug of the writer; an empty log file is evidence all the same. */
  readonly mayBeEmpty: boolean;
}

const BINARY = 'application/octet-stream';
const JSON_TEXT = 'application/json';
const TEXT = 'text/plain; charset=utf-8';
const PARQUET = 'application/vnd.apache.parquet';

const kind = <N extends string>(name: N, contentType: string, locked: boolean, mayBeEmpty = false) =>
  ({ name, contentType, locked, mayBeEmpty }) as const;

export const WRITE_KINDS = {
  // vault
  /** Bytes as received; of no known type, whatever they are. */
  evidence: kind('evidence', BINARY, true, true),
  /** A batch's Parquet file: covered by the ledger, replaced by its day's compacted file, so not locked. */
  data: kind('data', PARQUET, false),
  /** A whole day's Parquet file. */
  compacted: kind('compacted', PARQUET, true),
  /** Hashes of a data file's column chunks, kept as long as the file. */
  ranges: kind('ranges', JSON_TEXT, false),
  compactedRanges: kind('compactedRanges', JSON_TEXT, true),
  tableMetadata: kind('tableMetadata', JSON_TEXT, false),
  tablePart: kind('tablePart', JSON_TEXT, false),
  manifest: kind('manifest', 'application/avro', false),
  /** https://c2sp.org/tlog-tiles names both content types. */
  tile: kind('tile', BINARY, true),
  checkpoint: kind('checkpoint', TEXT, true),
  /** https://www.rfc-editor.org/rfc/rfc3161#section-3.4 */
  timestamp: kind('timestamp', 'application/timestamp-reply', true),
  timestampContext: kind('timestampContext', JSON_TEXT, true),
  /** https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.13 */
  revocationList: kind('revocationList', 'application/pkix-crl', true),
  holdList: kind('holdList', TEXT, true),
  /** https://www.rfc-editor.org/rfc/rfc8878#section-6.1 */
  growth: kind('growth', 'application/zstd', true),
  // state
  head: kind('head', JSON_TEXT, false),
  partialTile: kind('partialTile', BINARY, false),
  publishedCheckpoint: kind('publishedCheckpoint', TEXT, false),
  staging: kind('staging', BINARY, false),
  pending: kind('pending', JSON_TEXT, false),
  record: kind('record', JSON_TEXT, false),
  hint: kind('hint', TEXT, false),
  vkey: kind('vkey', TEXT, false),
  index: kind('index', BINARY, false),
  cache: kind('cache', BINARY, false),
} as const satisfies Record<string, WriteKind>;

export type WriteKindName = keyof typeof WRITE_KINDS;
