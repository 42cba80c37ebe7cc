/** Iceberg's schema of a table, made from the column catalogue: https://iceberg.apache.org/spec/#schemas */

import type { Column, ColumnType, TableName } from '../../schema/columns.ts';

export interface IcebergField {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: IcebergType;
  readonly doc?: string;
}

export type IcebergType =
  | 'string'
  | 'timestamptz'
  | 'int'
  | 'long'
  | 'boolean'
  | {
      readonly type: 'list';
      readonly 'element-id': number;
      readonly 'element-required': boolean;
      readonly element: 'string';
    };

export interface IcebergSchema {
  readonly type: 'struct';
  readonly 'schema-id': number;
  readonly fields: readonly IcebergField[];
}

type FieldIds = (path: string) => number | undefined;

/** The schema of these columns. Throws on a column without an id: a test keeps every column in the file of ids. */
export function schemaOf(columns: readonly Column[], fieldId: FieldIds, schemaId: number): IcebergSchema {
  const fields = columns.map(({ name, type, meaning }) => ({
    id: known(fieldId, name),
    name,
    required: false,
    type: typeOf(name, type, fieldId),
    doc: meaning,
  }));
  return { type: 'struct', 'schema-id': schemaId, fields };
}

/**
 * By which engines find columns in data files that were written without ids:
 * https://iceberg.apache.org/spec/#column-projection
 */
export function nameMappingOf(columns: readonly Column[], fieldId: FieldIds): object[] {
  return columns.map(({ name, type }) => ({
    'field-id': known(fieldId, name),
    names: [name],
    ...(type === 'strings'
      ? { fields: [{ 'field-id': known(fieldId, elementOf(name)), names: ['element'] }] }
      : {}),
  }));
}

/** Path of a list's elements in the file of ids. */
export const elementOf = (name: string): string => `${name}.element`;

function typeOf(name: string, type: ColumnType, fieldId: FieldIds): IcebergType {
  switch (type) {
    case 'string':
    case 'json':
      return 'string';
    case 'time':
      return 'timestamptz';
    case 'int':
    case 'long':
      return type;
    case 'bool':
      return 'boolean';
    case 'strings': {
      const id = known(fieldId, elementOf(name));
      return { type: 'list', 'element-id': id, 'element-required': false, element: 'string' };
    }
    default:
      return type satisfies never;
  }
}

function known(fieldId: FieldIds, path: string): number {
  const id = fieldId(path);
  if (id === undefined) throw new Error(`the column ${path} has no number in tables/iceberg/field-ids.json`);
  return id;
}

/** The same fields, whatever the number of the schema. */
export const sameFields = (a: IcebergSchema, b: IcebergSchema): boolean =>
  JSON.stringify(a.fields) === JSON.stringify(b.fields);

/** Tables whose rows have a time of their own, and whose data files hold one day each. */
export const DAILY_TABLES: ReadonlySet<TableName> = new Set(['events', 'flows', 'custody']);
