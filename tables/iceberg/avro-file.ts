/**
 * Avro's object container files, whole in memory: https://avro.apache.org/docs/1.11.1/specification/#object-container-files
 * Equal records give equal bytes, so that files can be named by their content.
 */

import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import avro from 'avsc';

const MAGIC = Buffer.from('Obj\u0001', 'latin1');
const SYNC_BYTES = 16;
/** Bytes of records in a block before compression: memory of a reader, and how far apart it can begin. */
const BLOCK_BYTES = 1 << 18;
/** Bounds repeat from file to file: the fastest level takes most of it. */
const DEFLATE_LEVEL = 1;

const META = avro.Type.forSchema({ type: 'map', values: 'bytes' });
const LONG = avro.Type.forSchema('long');

/** An Avro schema as JSON, with Iceberg's `field-id` attributes, which avsc itself does not keep. */
export interface RecordSchema {
  readonly type: 'record';
  readonly name: string;
  readonly fields: readonly object[];
}

/** A schema and its compiled form, which takes a millisecond to make. */
export interface RecordType {
  readonly schema: RecordSchema;
  readonly type: avro.Type;
}

export const recordType = (schema: RecordSchema): RecordType => ({
  schema,
  type: avro.Type.forSchema(schema as unknown as avro.Schema),
});

/** Encodes records one after another, to be closed by `finish`. */
export class AvroFile {
  readonly #type: RecordType;
  readonly #blocks: { readonly count: number; readonly body: Buffer }[] = [];
  #open: Buffer[] = [];
  #openBytes = 0;

  constructor(type: RecordType) {
    this.#type = type;
  }

  add(record: object): void {
    const bytes = this.#type.type.toBuffer(record);
    this.#open.push(bytes);
    this.#openBytes += bytes.length;
    if (this.#openBytes >= BLOCK_BYTES) this.#close();
  }

  /** The whole file with these key-value pairs in its header. */
  finish(metadata: Readonly<Record<string, string>>): Buffer {
    if (this.#openBytes > 0) this.#close();
    const pairs = {
      'avro.schema': JSON.stringify(this.#type.schema),
      'avro.codec': 'deflate',
      ...metadata,
    };
    const meta = META.toBuffer(
      Object.fromEntries(Object.entries(pairs).map(([key, value]) => [key, Buffer.from(value)])),
    );
    const hash = createHash('sha256').update(meta);
    for (const { body } of this.#blocks) hash.update(body);
    // A marker made from the content cannot occur in it, whatever the logs say.
    const sync = hash.digest().subarray(0, SYNC_BYTES);
    const blocks = this.#blocks.flatMap(({ count, body }) => [
      LONG.toBuffer(count),
      LONG.toBuffer(body.length),
      body,
      sync,
    ]);
    return Buffer.concat([MAGIC, meta, sync, ...blocks]);
  }

  #close(): void {
    const body = deflateRawSync(Buffer.concat(this.#open), { level: DEFLATE_LEVEL });
    this.#blocks.push({ count: this.#open.length, body });
    this.#open = [];
    this.#openBytes = 0;
  }
}

/** The records of a file that `AvroFile` wrote. Throws on anything else. */
export function readAvroFile(bytes: Uint8Array, { type }: RecordType): unknown[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('no Avro file');
  let at = next(META, file, MAGIC.length).offset + SYNC_BYTES;
  const records: unknown[] = [];
  while (at < file.length) {
    const count = next(LONG, file, at);
    const length = next(LONG, file, count.offset);
    const end = length.offset + (length.value as number);
    const body = inflateRawSync(file.subarray(length.offset, end));
    for (let left = count.value as number, from = 0; left > 0; left--) {
      const record = next(type, body, from);
      records.push(record.value);
      from = record.offset;
    }
    at = end + SYNC_BYTES;
  }
  return records;
}

function next(type: avro.Type, bytes: Buffer, offset: number): { value: unknown; offset: number } {
  const decoded = type.decode(bytes, offset) as { value: unknown; offset: number };
  if (decoded.offset < 0) throw new Error('an Avro file ends too early');
  return decoded;
}
