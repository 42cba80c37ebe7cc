/** The footer of a file that is put together from chunks of others: some columns of some row groups, none else. */

import { MAGIC } from './format.ts';
import { decodeThrift, encodeThrift, type ThriftStruct, type ThriftValue } from './thrift-tree.ts';
import { CREATED_BY } from './version.ts';

export interface JoinedChunk {
  /** What its own footer says of it. */
  readonly metadata: ThriftStruct;
  /** Of its first byte in its own file, and in the new one. */
  readonly from: number;
  readonly to: number;
}

export interface JoinedGroup {
  readonly rows: number;
  /** One for each kept column, in the order of the schema. */
  readonly chunks: readonly JoinedChunk[];
}

const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

// Field numbers of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
const ELEMENT = { name: 4, children: 5 } as const;
const META = {
  uncompressed: 6,
  compressed: 7,
  dataPage: 9,
  dictionaryPage: 11,
  bloomOffset: 14,
  bloomLength: 15,
};

/** A column of a schema: its name and its elements, itself first. */
export interface SchemaColumn {
  readonly name: string;
  readonly elements: readonly ThriftStruct[];
}

/** The root of an encoded schema and its columns, each with one chunk in a row group. Throws RangeError. */
export function schemaColumns(encoded: Uint8Array): {
  readonly root: ThriftStruct;
  readonly columns: readonly SchemaColumn[];
} {
  // As the only field of a struct, which is what can be decoded.
  const wrapped = Buffer.concat([Buffer.of(0x19), encoded, Buffer.of(0)]);
  const list = decodeThrift(wrapped).value[0]?.value;
  if (typeof list !== 'object' || !('items' in list)) throw new RangeError('a footer has no schema');
  const [root, ...elements] = list.items as readonly ThriftStruct[];
  const columns: SchemaColumn[] = [];
  let at = 0;
  const subtree = (): readonly ThriftStruct[] => {
    const element = elements[at++];
    if (!Array.isArray(element)) throw new RangeError('a schema ends early');
    const children = Number(field(element, ELEMENT.children) ?? 0);
    const own: ThriftStruct[] = [element];
    for (let child = 0; child < children; child++) own.push(...subtree());
    return own;
  };
  while (at < elements.length) {
    const own = subtree();
    const name = field(own[0]!, ELEMENT.name);
    columns.push({ name: name instanceof Uint8Array ? Buffer.from(name).toString() : '', elements: own });
  }
  if (!Array.isArray(root)) throw new RangeError('a footer has no schema');
  return { root, columns };
}

/**
 * Metadata, its length and the magic. Bloom filters and page indexes are not named: a reader that follows those into bytes
 * that are something else would leave rows out.
 */
export function joinedFooter(
  root: ThriftStruct,
  columns: readonly SchemaColumn[],
  groups: readonly JoinedGroup[],
): Buffer {
  const schema = [
    root.map((part) => (part.id === ELEMENT.children ? { ...part, value: columns.length } : part)),
    ...columns.flatMap(({ elements }) => elements),
  ];
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const orders = columns.map((): ThriftStruct => [{ id: 1, type: STRUCT, value: [] }]);
  const metadata = encodeThrift([
    { id: 1, type: I32, value: 1 },
    { id: 2, type: LIST, value: { elementType: STRUCT, items: schema } },
    { id: 3, type: I64, value: rows },
    { id: 4, type: LIST, value: { elementType: STRUCT, items: groups.map(groupOf) } },
    { id: 6, type: BINARY, value: Buffer.from(CREATED_BY) },
    { id: 7, type: LIST, value: { elementType: STRUCT, items: orders } },
  ]);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, tail, MAGIC]);
}

function groupOf({ rows, chunks }: JoinedGroup): ThriftStruct {
  const total = (id: number) =>
    chunks.reduce((sum, { metadata }) => sum + Number(field(metadata, id) ?? 0), 0);
  const items = chunks.map(
    (chunk): ThriftStruct => [
      { id: 2, type: I64, value: 0 },
      { id: 3, type: STRUCT, value: moved(chunk) },
    ],
  );
  return [
    { id: 1, type: LIST, value: { elementType: STRUCT, items } },
    { id: 2, type: I64, value: total(META.uncompressed) },
    { id: 3, type: I64, value: rows },
    { id: 6, type: I64, value: total(META.compressed) },
  ];
}

const moved = ({ metadata, from, to }: JoinedChunk): ThriftStruct =>
  metadata
    .filter(({ id }) => id !== META.bloomOffset && id !== META.bloomLength)
    .map((part) =>
      part.id === META.dataPage || part.id === META.dictionaryPage
        ? { ...part, value: Number(part.value) - from + to }
        : part,
    );

const field = (fields: ThriftStruct, id: number): ThriftValue | undefined =>
  fields.find((one) => one.id === id)?.value;
