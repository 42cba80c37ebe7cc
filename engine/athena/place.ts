/** Where a lake's deployment has Athena, as its settings say. */

import { type Head, readHead } from '../../tables/head.ts';
import type { Lake } from '../../vault/lake.ts';
import type { AthenaPlace } from './client.ts';
import { athenaTables } from './tables.ts';
import type { AthenaTables } from './views.ts';

/** Athena over the lake at one head. */
export interface AthenaAtHead {
  readonly place: AthenaPlace;
  readonly tables: AthenaTables;
}

const clients = new Map<string, Promise<AthenaPlace['client']>>();

/** Whether the lake's settings name a work group. */
export const namesAthena = ({ catalogue }: Lake): boolean => (catalogue?.athena ?? null) !== null;

/** Null where the lake names no work group, or has tables at this head that no other engine can open. */
export async function athenaOf(lake: Lake, head?: Head): Promise<AthenaAtHead | null> {
  const { catalogue, vault } = lake;
  if (catalogue === undefined || catalogue.athena === null) return null;
  const at = head ?? (await readHead(lake.state)).head;
  const tables = await athenaTables(vault, at, catalogue.glue);
  if (tables === null) return null;
  const client = await clientFor(catalogue.region);
  return { place: { client, database: catalogue.glue, workGroup: catalogue.athena }, tables };
}

function clientFor(region: string | null): Promise<AthenaPlace['client']> {
  const known = clients.get(region ?? '');
  if (known !== undefined) return known;
  const made = newClient(region);
  clients.set(region ?? '', made);
  return made;
}

/** The SDK is loaded by who has a work group alone: it takes longer than most commands. */
async function newClient(region: string | null): Promise<AthenaPlace['client']> {
  const { AthenaClient } = await import('@aws-sdk/client-athena');
  return new AthenaClient(region === null ? {} : { region });
}
