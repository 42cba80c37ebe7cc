import { createHash } from 'node:crypto';
import { parquetMetadata } from 'hyparquet';
import { expect, test } from 'vitest';
import { newEvent, TABLES, type TableName } from '../../../schema/columns.ts';
import { BatchWriter } from '../../../stages/store.ts';
import { fieldIdOf, fieldIdsOf, lastFieldId } from '../../../tables/iceberg/field-ids.ts';
import { newWorld, storesOf } from '../../stages/memory-lake.ts';

const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/**
 * What was given once: the last id of each table, and a hash of every path with its id up to it. A line here is only
 * ever changed together with new ids after the last, never to let a changed id pass.
 */
const GIVEN: Readonly<Record<TableName, readonly [last: number, sha256: string]>> = {
  events: [57, '9bf169630f345ce7'],
  flows: [40, '3a52a1f8f9f452ff'],
  evidence: [22, '101ebc9557fb485f'],
  quarantine: [8, '9ecc755af5a605a7'],
  custody: [17, 'f92c429c53513ffd'],
  coverage: [17, '4bae98dee7c1dab0'],
  coverage_facts: [13, '386ebcb25576ca54'],
  verdicts: [6, '3c7a0bb628204ff8'],
};

const hashOfIds = (table: TableName, last: number): string => {
  const given = Object.entries(fieldIdsOf(table)).filter(([, id]) => id <= last);
  const lines = given.sort(([, a], [, b]) => a - b).map(([path, id]) => `${id} ${path}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 16);
};

test.each(TABLE_NAMES)('no id of %s that was once given has changed or gone', (table) => {
  const [last, sha256] = GIVEN[table];
  expect(hashOfIds(table, last)).toBe(sha256);
});

test.each(TABLE_NAMES)('every column of %s has an id, and no id is given twice', (table) => {
  const ids = fieldIdsOf(table);
  for (const { name, type } of TABLES[table]) {
    expect(ids).toHaveProperty(name);
    if (type === 'strings') expect(fieldIdOf(table)(`${name}.element`)).toBeGreaterThan(0);
  }
  const given = Object.values(ids);
  expect(new Set(given).size).toBe(given.length);
  expect(given.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
  expect(lastFieldId(table)).toBe(given.length);
  expect(fieldIdOf(table)('toString')).toBeUndefined();
});

test('data files carry the ids of their columns', async () => {
  const { vault, state } = storesOf(newWorld());
  const writer = new BatchWriter(vault, state, '0'.repeat(64));
  writer.event({ ...newEvent(), time: 1_700_000_000_000_000, uid: 'one', targets: ['arn:aws:s3:::b'] }, null);
  const [file] = (await writer.finish()).events;
  const { body } = await vault.get(file!.key);
  const { schema } = parquetMetadata(new Uint8Array(body).buffer);
  const ids = schema.filter(({ field_id }) => field_id !== undefined);
  expect(ids.map(({ name, field_id }) => [name === 'element' ? 'targets.element' : name, field_id])).toEqual(
    Object.entries(fieldIdsOf('events')),
  );
});
