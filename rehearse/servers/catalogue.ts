/** Glue as moto has it: a database whose tables follow the lake's head, kept over a restart that forgets everything. */

import {
  CreateDatabaseCommand,
  CreateTableCommand,
  GetTablesCommand,
  GlueClient,
  type TableInput,
} from '@aws-sdk/client-glue';
import { AWS_CLIENT } from './vendors.ts';

export const GLUE_DATABASE = 'rehearsal';

const clientAt = (endpoint: string): GlueClient => new GlueClient({ ...AWS_CLIENT, endpoint });

export async function makeDatabase(endpoint: string, tables: readonly TableInput[] = []): Promise<void> {
  const client = clientAt(endpoint);
  await client.send(new CreateDatabaseCommand({ DatabaseInput: { Name: GLUE_DATABASE } }));
  for (const TableInput of tables)
    await client.send(new CreateTableCommand({ DatabaseName: GLUE_DATABASE, TableInput }));
}

/** What the database says of each table, as it can be made again. */
export async function tablesIn(endpoint: string): Promise<TableInput[]> {
  const client = clientAt(endpoint);
  const found: TableInput[] = [];
  let NextToken: string | undefined;
  do {
    const answer = await client.send(
      new GetTablesCommand({
        DatabaseName: GLUE_DATABASE,
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    for (const { Name, TableType, Parameters, StorageDescriptor } of answer.TableList ?? [])
      found.push({ Name, TableType, Parameters, StorageDescriptor } as TableInput);
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return found;
}
