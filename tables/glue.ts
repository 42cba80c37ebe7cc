/**
 * GLUE: tables of a Glue database that follow the lake, or an Iceberg export of it, for Athena and whatever else asks the catalogue.
 *
 * Engines that commit to Iceberg through Glue set `metadata_location` and `previous_metadata_location`; a table that
 * somebody else moved is left alone: https://iceberg.apache.org/docs/latest/aws/#glue-catalog
 */

import {
  CreateTableCommand,
  GetTableCommand,
  type GlueClient,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import type { ColumnType } from '../schema/columns.ts';
import { TABLES, type TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';

/** As Glue and Athena call them. https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-supported-data-types.html */
const GLUE_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'string',
  json: 'string',
  time: 'timestamp',
  int: 'int',
  long: 'bigint',
  bool: 'boolean',
  strings: 'array<string>',
};

/** A table where engines find it. */
export interface GlueTable {
  readonly name: string;
  readonly table: TableName;
  /** URI of its newest metadata, and of the folder it lies in. */
  readonly metadata: string;
  readonly location: string;
  /** What another metadata file is to this one, by its URI: one before it or after it, or none of this table. */
  readonly standing: (uri: string) => 'earlier' | 'later' | 'foreign';
}

export type GlueOutcome = 'created' | 'updated' | 'unchanged';

/** Statement of origin, so that a table of the same name that somebody else made is never taken over. */
export const OWNED = { akashi: 'akashi' } as const;

/** A table's columns, as Glue is told them. */
export const glueColumns = (table: TableName): { name: string; type: string; comment: string }[] =>
  TABLES[table].map(({ name, type, meaning }) => ({
    name,
    type: GLUE_TYPES[type],
    comment: meaning.slice(0, 255),
  }));

const ATTEMPTS = 4;

/**
 * Points one table of a database at its newest metadata. Throws GLUE_FOREIGN for a table that is not ours, GLUE_CHANGED
 * when somebody else was faster again and again, GLUE_FAILED for what Glue answers otherwise.
 */
export async function publishTable(
  client: GlueClient,
  database: string,
  wanted: GlueTable,
): Promise<GlueOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await publishOnce(client, database, wanted);
    } catch (error) {
      // Another sealer was at it, with an earlier head or a later one: the table says which.
      const isLost = error instanceof AkashiError && error.code === 'GLUE_CHANGED';
      if (!isLost || attempt === ATTEMPTS) throw error;
    }
  }
}

async function publishOnce(client: GlueClient, database: string, wanted: GlueTable): Promise<GlueOutcome> {
  const place = { DatabaseName: database };
  try {
    const found = await client
      .send(new GetTableCommand({ ...place, Name: wanted.name }))
      .catch((error: Error) => {
        if (error.name === 'EntityNotFoundException') return null;
        throw error;
      });
    const table = found?.Table;
    if (table === undefined) {
      await client.send(new CreateTableCommand({ ...place, TableInput: inputOf(wanted, null) }));
      return 'created';
    }
    const current = table.Parameters?.['metadata_location'] ?? '';
    // One that infrastructure declared names no metadata until it is first published.
    const standing = current === '' ? 'earlier' : wanted.standing(current);
    if (table.Parameters?.['akashi'] !== OWNED.akashi || standing === 'foreign')
      throw foreign(database, wanted.name, current);
    if (current === wanted.metadata || standing === 'later') return 'unchanged';
    await client.send(
      new UpdateTableCommand({
        ...place,
        TableInput: inputOf(wanted, current === '' ? null : current),
        // Refused when anybody changed the table since it was read.
        ...(table.VersionId === undefined ? {} : { VersionId: table.VersionId }),
      }),
    );
    return 'updated';
  } catch (error) {
    throw ours(error, database, wanted.name);
  }
}

function inputOf({ name, table, metadata, location }: GlueTable, previous: string | null): TableInput {
  return {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      ...OWNED,
      table_type: 'ICEBERG',
      metadata_location: metadata,
      ...(previous === null ? {} : { previous_metadata_location: previous }),
    },
    StorageDescriptor: {
      Location: location,
      Columns: glueColumns(table).map(({ name: Name, type: Type, comment: Comment }) => ({
        Name,
        Type,
        Comment,
      })),
    },
  };
}

const foreign = (database: string, name: string, current: string): AkashiError =>
  new AkashiError(
    'GLUE_FOREIGN',
    `The table ${database}.${name} names ${current === '' ? 'no Iceberg metadata' : current}, which is not of this lake or export. ` +
      'It was left as it is: name another database, or remove the table.',
  );

function ours(error: unknown, database: string, name: string): AkashiError {
  if (error instanceof AkashiError) return error;
  const { name: kind, message } = error as Error;
  const changed = ['ConcurrentModificationException', 'VersionMismatchException', 'AlreadyExistsException'];
  if (changed.includes(kind))
    return new AkashiError(
      'GLUE_CHANGED',
      `Somebody else changed ${database}.${name} meanwhile. Run the command again.`,
      {
        cause: error,
      },
    );
  return new AkashiError('GLUE_FAILED', `Glue refused ${database}.${name}: ${message} (${kind}).`, {
    cause: error,
  });
}
