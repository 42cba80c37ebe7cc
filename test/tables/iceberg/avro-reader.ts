/** Reads Avro files with avsc's own decoder of containers, which is not the code that writes ours. */

import { once } from 'node:events';
import avro from 'avsc';

export interface AvroContent {
  /** The schema as it stands in the file, with attributes that avsc knows nothing of. */
  readonly schema: unknown;
  /** Key-value pairs of the header, without Avro's own. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly codec: string;
  readonly records: readonly Record<string, unknown>[];
}

export async function readAvro(bytes: Uint8Array): Promise<AvroContent> {
  const decoder = new avro.streams.BlockDecoder();
  const records: Record<string, unknown>[] = [];
  let pairs: Record<string, Buffer> = {};
  let codec = '';
  decoder.on('metadata', (_type: unknown, used: string, header: { meta: Record<string, Buffer> }) => {
    codec = used;
    pairs = header.meta;
  });
  decoder.on('data', (record: Record<string, unknown>) => records.push(record));
  decoder.end(Buffer.from(bytes));
  await once(decoder, 'end');
  const text = Object.entries(pairs).map(([key, value]) => [key, value.toString('utf8')] as const);
  return {
    schema: JSON.parse(text.find(([key]) => key === 'avro.schema')![1]),
    metadata: Object.fromEntries(text.filter(([key]) => !key.startsWith('avro.'))),
    codec,
    records,
  };
}

/** Every field of an Avro schema: its id, its path, and whether it may be null. */
export function fieldsOf(schema: unknown, path = ''): string[] {
  if (Array.isArray(schema)) return schema.flatMap((type) => fieldsOf(type, path));
  if (typeof schema !== 'object' || schema === null) return [];
  const { fields, items, type, ...rest } = schema as Record<string, unknown>;
  const element = 'element-id' in rest ? [`${rest['element-id']} ${path}[]`] : [];
  if (Array.isArray(fields)) {
    return (fields as Record<string, unknown>[]).flatMap((field) => {
      const own = `${path}${path === '' ? '' : '.'}${String(field['name'])}`;
      const optional =
        Array.isArray(field['type']) && field['type'][0] === 'null' && field['default'] === null;
      return [`${field['field-id']} ${own}${optional ? '?' : ''}`, ...fieldsOf(field['type'], own)];
    });
  }
  return [
    ...element,
    ...fieldsOf(items, `${path}[]`),
    ...(typeof type === 'object' ? fieldsOf(type, path) : []),
  ];
}
