/** An Iceberg export as tables of a Glue database: what its folder says is newest, once it lies where engines read it. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { GlueClient } from '@aws-sdk/client-glue';
import type { TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { type GlueOutcome, type GlueTable, publishTable } from '../tables/glue.ts';
import type { TableJson } from '../tables/iceberg/table-json.ts';
import { COPIES, ICEBERG_TABLES, WITH_COPIES } from './iceberg.ts';
import { versionName } from './iceberg-folder.ts';

export interface GluePublished {
  readonly name: string;
  readonly metadata: string;
  readonly outcome: GlueOutcome;
}

/** Points the database's tables at an export's newest metadata. Throws GLUE_LOCATION, and as `publishTable` does. */
export async function publishFolder(
  client: GlueClient,
  database: string,
  folder: string,
): Promise<GluePublished[]> {
  const names: [string, TableName][] = [
    ...ICEBERG_TABLES.map((table): [string, TableName] => [table, table]),
    ...WITH_COPIES.map((table): [string, TableName] => [`${table}${COPIES}`, table]),
  ];
  const tables: GlueTable[] = [];
  for (const [name, table] of names) {
    const metadata = join(resolve(folder), name, 'metadata');
    if (existsSync(metadata)) tables.push(await tableIn(metadata, name, table));
  }
  if (tables.length === 0)
    throw new AkashiError(
      'GLUE_LOCATION',
      `"${folder}" holds no Iceberg export. Write one with \`akashi export --iceberg\`.`,
    );
  const published: GluePublished[] = [];
  for (const table of tables) {
    const { name, metadata } = table;
    published.push({ name, metadata, outcome: await publishTable(client, database, table) });
  }
  return published;
}

async function tableIn(folder: string, name: string, table: TableName): Promise<GlueTable> {
  const versions = (await readdir(folder)).filter((file) => /^v[1-9]\d*\.metadata\.json$/.test(file));
  const newest = versionName(Number(await readFile(join(folder, 'version-hint.text'), 'utf8')));
  const { location } = JSON.parse(await readFile(join(folder, newest), 'utf8')) as TableJson;
  if (!location.startsWith('s3://'))
    throw new AkashiError(
      'GLUE_LOCATION',
      `The export of ${name} is to be read at ${location}, and Glue's engines read S3 alone. Export with --copy-data ` +
        '--read-at s3://bucket/prefix, and copy the folder there.',
    );
  const uri = (file: string) => `${location}/metadata/${file}`;
  const known = new Set(versions.map(uri));
  const standing = (other: string) => (known.has(other) ? 'earlier' : 'foreign');
  return { name, table, location, metadata: uri(newest), standing };
}
