/** Lakes in memory: fast enough for thousands of them, and to be broken and copied at will. */

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import type { TableName } from '../../schema/columns.ts';
import { type CollectResult, collect } from '../../stages/collect.ts';
import type { Custodian } from '../../stages/custody.ts';
import { readVkey } from '../../stages/ledger.ts';
import { readRows } from '../../stages/parquet-rows.ts';
import { newVerification, type Verification, withoutRepeats } from '../../stages/verify/report.ts';
import { type StoreOptions, verifyStores } from '../../stages/verify/verify.ts';
import { readHead } from '../../tables/head.ts';
import { readTable } from '../../tables/table-metadata.ts';
import { tempPath } from '../../vault/durable-file.ts';
import type { Stores } from '../../vault/evidence.ts';
import type { Lake } from '../../vault/lake.ts';
import { type MemoryObjects, memoryState, memoryVault } from '../../vault/memory-store.ts';

/** Who collects in tests. */
export const BY: Custodian = {
  actor: 'tester@example.com',
  account: 'tester@host.example.com',
  case: 'CASE-1',
  purpose: null,
};

export interface World {
  readonly inVault: MemoryObjects;
  readonly inState: MemoryObjects;
}

export const newWorld = (): World => ({ inVault: new Map(), inState: new Map() });

/** A copy that can be damaged without harm to the original; bodies are shared and must be replaced, not written to. */
export const copyOf = ({ inVault, inState }: World): World => ({
  inVault: new Map(inVault),
  inState: new Map(inState),
});

export const storesOf = ({ inVault, inState }: World): Stores => ({
  vault: memoryVault(inVault),
  state: memoryState(inState),
});

/** The half of a world that holds the key. */
export const halfOf = ({ inVault, inState }: World, key: string): MemoryObjects =>
  inVault.has(key) ? inVault : inState;

/** A folder for what lies outside the stores: keys, locks, and files to collect. */
export class Workshop {
  /** Null collects without a custody record. */
  by: Custodian | null = BY;
  readonly folder = mkdtempSync(join(tmpdir(), 'akashi-memory-'));

  constructor() {
    for (const name of ['in', 'lake/.tmp', 'lake/state', 'lake/vault'])
      mkdirSync(join(this.folder, name), { recursive: true });
  }

  get root(): string {
    return join(this.folder, 'lake');
  }

  /** Writes a file to collect; returns its path. */
  file(name: string, body: string | Uint8Array): string {
    const path = join(this.folder, 'in', name);
    writeFileSync(path, body);
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    return path;
  }

  /** The lake whose objects are in these stores, and whose keys in this folder. */
  lakeOf({ vault, state }: Stores, root = this.root): Lake {
    const localPath = (key: string) => join(root, 'nowhere', key);
    return {
      address: root,
      root,
      vault: { ...vault, localPath },
      state: { ...state, localPath },
      scratchPath: (suffix) => tempPath(root, suffix),
    };
  }

  collect(stores: Stores, ...paths: string[]): Promise<CollectResult> {
    return collect(this.lakeOf(stores), paths, {
      threads: 1,
      now: () => 1_750_000_000_000,
      ...(this.by === null ? {} : { by: this.by }),
    });
  }

  async identity(): Promise<LogIdentity> {
    return (await readVkey(this.root))!;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A verification of a world, believing `identity`. */
export async function verification(
  world: World,
  identity: LogIdentity | null,
  options: StoreOptions = { deep: true },
  known: Uint8Array | null = null,
): Promise<Verification> {
  const result = newVerification('bytes');
  await verifyStores(storesOf(world), identity, known, options, result);
  result.problems = withoutRepeats(result.problems);
  result.ok = result.problems.length === 0;
  return result;
}

/** `CODE key` of each problem, sorted. */
export const said = ({ problems }: Verification): string[] =>
  problems.map(({ code, key }) => `${code} ${key}`).sort();

/** A table's rows as text, every copy, in an order that does not depend on how they came. */
export async function rowsIn({ vault, state }: Stores, table: TableName): Promise<string[]> {
  const { files } = await readTable(vault, (await readHead(state)).head, table);
  const rows = await Promise.all(files.map(async ({ key }) => readRows((await vault.get(key)).body)));
  return rows
    .flat()
    .map((row) => JSON.stringify(row))
    .sort();
}

/** What the head's checkpoint says, as bytes; null in a lake never sealed. */
export async function noteOf({ state }: Stores): Promise<Uint8Array | null> {
  const { checkpoint } = (await readHead(state)).head;
  return checkpoint === null ? null : Buffer.from(checkpoint);
}
