import type { GlueClient } from '@aws-sdk/client-glue';
import { expect, test } from 'vitest';
import { type GlueTable, OWNED, publishTable } from '../../tables/glue.ts';

const location = 's3://example-exports/iceberg/events';
const wanted: GlueTable = {
  name: 'events',
  table: 'events',
  location,
  metadata: `${location}/metadata/v2.metadata.json`,
  standing: (uri) => (uri.startsWith(`${location}/`) ? 'earlier' : 'foreign'),
};

/** A catalogue that holds one table with these parameters. */
function catalogue(Parameters: Readonly<Record<string, string>>) {
  const updates: { TableInput: { Parameters: object }; VersionId: string }[] = [];
  const send = async (command: { constructor: { name: string }; input: (typeof updates)[number] }) => {
    if (command.constructor.name === 'GetTableCommand') return { Table: { Parameters, VersionId: '7' } };
    updates.push(command.input);
    return {};
  };
  return { client: { send } as unknown as GlueClient, updates };
}

test('a table that infrastructure declared is pointed at its first metadata', async () => {
  const { client, updates } = catalogue({ ...OWNED, table_type: 'ICEBERG' });
  expect(await publishTable(client, 'akashi', wanted)).toBe('updated');
  expect(updates).toHaveLength(1);
  expect(updates[0]).toMatchObject({
    VersionId: '7',
    TableInput: { Parameters: { metadata_location: wanted.metadata } },
  });
  expect(updates[0]!.TableInput.Parameters).not.toHaveProperty('previous_metadata_location');
});

test('what somebody else made or moved is left alone', async () => {
  const moved = { ...OWNED, metadata_location: 's3://elsewhere/v9.metadata.json' };
  for (const parameters of [{}, { metadata_location: wanted.metadata }, moved]) {
    const { client, updates } = catalogue(parameters as Record<string, string>);
    await expect(publishTable(client, 'akashi', wanted)).rejects.toMatchObject({ code: 'GLUE_FOREIGN' });
    expect(updates).toEqual([]);
  }
});

test('whoever is second with a table looks again: an older state is replaced, a newer one stays', async () => {
  const raced = (after: string) => {
    let tries = 0;
    const updates: object[] = [];
    const send = async (command: { constructor: { name: string }; input: object }) => {
      const metadata_location = tries === 0 ? `${location}/metadata/v1.metadata.json` : after;
      if (command.constructor.name === 'GetTableCommand')
        return { Table: { Parameters: { ...OWNED, metadata_location }, VersionId: String(tries) } };
      if (tries++ === 0)
        throw Object.assign(new Error('changed'), { name: 'ConcurrentModificationException' });
      updates.push(command.input);
      return {};
    };
    const standing = (uri: string) => (uri.endsWith('v3.metadata.json') ? 'later' : 'earlier');
    return {
      updates,
      done: publishTable({ send } as unknown as GlueClient, 'akashi', { ...wanted, standing }),
    };
  };
  const older = raced(`${location}/metadata/v1.metadata.json`);
  expect([await older.done, older.updates]).toMatchObject(['updated', [{ VersionId: '1' }]]);
  const newer = raced(`${location}/metadata/v3.metadata.json`);
  expect([await newer.done, newer.updates]).toEqual(['unchanged', []]);
});
