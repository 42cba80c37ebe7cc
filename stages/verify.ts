/** VERIFY: what the lake's head says, against what storage holds. Writes nothing. */

import { createHash } from 'node:crypto';
import { readHead } from '../lake/head.ts';
import { readTable, type TableMetadata } from '../lake/table-metadata.ts';
import { TABLES, type TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { drainPending, type Stores } from '../vault/evidence.ts';
import { evidenceKey, parseKey } from '../vault/keys.ts';
import { readEvidenceRows } from './recover.ts';

export interface Problem {
  readonly code: 'ALTERED' | 'MISSING' | 'ADDED' | 'UNREADABLE';
  readonly key: string;
  readonly detail: string;
}

interface Checked {
  checked: number;
  bad: string[];
}

export interface Verification {
  ok: boolean;
  sequence: number;
  evidence: Checked;
  data: Checked;
  bytes: number;
  /** Files of interrupted runs that no seal names: harmless, and told. */
  orphans: string[];
  problems: Problem[];
}

/** An object that the head vouches for, by itself or through what it names. */
interface Claim {
  readonly key: string;
  readonly sha256: string;
  readonly part: 'evidence' | 'data';
}

/** Re-hashes everything the head vouches for. `onProgress` hears of claims done and in all. */
export async function verify(
  stores: Stores,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Verification> {
  const { vault } = stores;
  const { head } = await readHead(stores.state);
  const result: Verification = {
    ok: true,
    sequence: head.sequence,
    evidence: { checked: 0, bad: [] },
    data: { checked: 0, bad: [] },
    bytes: 0,
    orphans: [],
    problems: [],
  };
  const claims: Claim[] = [];
  for (const table of Object.keys(TABLES) as TableName[]) {
    const key = head.tables[table];
    if (key === undefined) continue;
    const parsed = parseKey(key);
    if (parsed?.class === 'tableMetadata') claims.push({ key, sha256: parsed.sha256, part: 'data' });
    let metadata: TableMetadata;
    try {
      metadata = await readTable(vault, head, table);
    } catch (error) {
      note(result, 'data', { code: 'UNREADABLE', key, detail: messageOf(error) });
      continue;
    }
    for (const file of metadata.files) {
      claims.push({ key: file.key, sha256: file.sha256, part: 'data' });
      claims.push({ key: file.key.replace(/\.parquet$/, '.ranges.json'), sha256: file.ranges, part: 'data' });
    }
    if (table === 'evidence') claims.push(...(await evidenceClaims(stores, result)));
  }

  for (const [at, claim] of claims.entries()) {
    await check(stores, claim, result);
    onProgress(at + 1, claims.length);
  }
  await findUnclaimed(stores, new Set(claims.map(({ key }) => key)), result);
  result.ok = result.problems.length === 0;
  return result;
}

async function evidenceClaims(stores: Stores, result: Verification): Promise<Claim[]> {
  try {
    const rows = await readEvidenceRows(stores);
    return rows.map(({ sha256, source }) => ({ key: evidenceKey(source, sha256), sha256, part: 'evidence' }));
  } catch (error) {
    note(result, 'evidence', { code: 'UNREADABLE', key: 'tables/evidence', detail: messageOf(error) });
    return [];
  }
}

async function check({ vault }: Stores, { key, sha256, part }: Claim, result: Verification): Promise<void> {
  const digest = createHash('sha256');
  result[part].checked++;
  try {
    for await (const chunk of vault.openRead(key)) {
      digest.update(chunk);
      result.bytes += chunk.length;
    }
  } catch (error) {
    const missing = error instanceof AkashiError && error.code === 'STORE_MISSING';
    note(result, part, {
      code: missing ? 'MISSING' : 'UNREADABLE',
      key,
      detail: missing ? 'the lake names it and storage does not hold it' : messageOf(error),
    });
    return;
  }
  const found = digest.digest('hex');
  if (found !== sha256)
    note(result, part, {
      code: 'ALTERED',
      key,
      detail: `its SHA-256 is ${found}, and was ${sha256} when sealed`,
    });
}

/** What lies in the vault and nobody vouches for: waiting evidence, orphans of interrupted runs, or something put there. */
async function findUnclaimed(
  { vault, state }: Stores,
  claimed: ReadonlySet<string>,
  result: Verification,
): Promise<void> {
  const waiting = new Set<string>();
  for await (const item of drainPending(state))
    if ('manifest' in item) waiting.add(evidenceKey(item.manifest.source, item.manifest.sha256));
  for await (const { key } of vault.list('')) {
    if (claimed.has(key) || waiting.has(key)) continue;
    const parsed = parseKey(key);
    if (parsed === null) {
      note(result, 'data', { code: 'ADDED', key, detail: 'no part of the lake has such a name' });
    } else if (
      parsed.class === 'data' ||
      parsed.class === 'ranges' ||
      parsed.class === 'tableMetadata' ||
      parsed.class === 'evidence'
    ) {
      result.orphans.push(key);
    }
  }
}

function note(result: Verification, part: 'evidence' | 'data', problem: Problem): void {
  result.problems.push(problem);
  result[part].bad.push(problem.key);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
