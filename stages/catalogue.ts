/** The catalogue's tables follow what was sealed. It comes after the seal and never undoes it: what was missed, the next seal does. */

import type { GlueClient } from '@aws-sdk/client-glue';
import type { Head } from '../tables/head.ts';
import { icebergAddresses } from '../tables/iceberg/addresses.ts';
import type { Catalogue, Stores } from '../vault/evidence.ts';
import { parseKey } from '../vault/keys.ts';
import { pooled } from '../vault/pool.ts';

/** Newest metadata of each table that this process published, by catalogue and table. */
const published = new Map<string, string>();
const clients = new Map<string, GlueClient>();
const CALLS_AT_ONCE = 4;

/** Points the catalogue's tables at the head's metadata; says on stderr what could not be. */
export async function followHead({ vault, catalogue }: Stores, head: Head): Promise<void> {
  if (catalogue === undefined) return;
  try {
    // Loaded by who has a catalogue alone: the SDK takes longer than most commands.
    const { publishTable } = await import('../tables/glue.ts');
    const client = await clientFor(catalogue);
    const addresses = await icebergAddresses(vault, head);
    const nameOf = (name: string) => `${catalogue.region} ${catalogue.glue} ${vault.location} ${name}`;
    const behind = addresses.filter(({ name, metadata }) => published.get(nameOf(name)) !== metadata);
    await pooled(behind, CALLS_AT_ONCE, async ({ name, table, location, metadata }) => {
      const own = versionOf(metadata, `${vault.location}/`);
      await publishTable(client, catalogue.glue, {
        name,
        table,
        location,
        metadata,
        standing: (uri) => {
          const version = uri.startsWith(`${location}/`) ? versionOf(uri, `${vault.location}/`) : null;
          return version === null ? 'foreign' : version > own! ? 'later' : 'earlier';
        },
      });
      published.set(nameOf(name), metadata);
    });
  } catch (error) {
    process.emitWarning(
      `What was sealed is in the lake, and the tables of the Glue database "${catalogue.glue}" do not show it yet; the next seal ` +
        `tries again. ${error instanceof Error ? error.message : String(error)}`,
      'AkashiWarning',
    );
  }
}

/** The seal that a table's metadata is of; null for what is none. */
function versionOf(uri: string, vault: string): number | null {
  const parts = parseKey(uri.slice(vault.length));
  return parts?.class === 'tableMetadata' ? parts.version : null;
}

async function clientFor({ region }: Catalogue): Promise<GlueClient> {
  const known = clients.get(region ?? '');
  if (known !== undefined) return known;
  const { GlueClient } = await import('@aws-sdk/client-glue');
  const client = new GlueClient(region === null ? {} : { region });
  clients.set(region ?? '', client);
  return client;
}
