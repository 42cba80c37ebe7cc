/**
 * Makes a disclosure package for a lawful order: the records within its scope and nothing else, proofs by hash alone, its own
 * custody record. Given out whole or not at all.
 */

import { readFile } from 'node:fs/promises';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { runQuery } from '../../engine/query.ts';
import type { NativeView } from '../../engine/views.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import type { UnitVerdict } from '../../ledger/coverage/states.ts';
import { toBase64 } from '../../ledger/encoding.ts';
import { leafHash } from '../../ledger/merkle.ts';
import { AkashiError } from '../../schema/error.ts';
import { lakeCoverage, RangeSummary } from '../../stages/lake-coverage.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import type { Lake } from '../../vault/lake.ts';
import type { ExportBase } from '../ocsf-selection.ts';
import { jsonFile } from '../package/about.ts';
import { type BagFile, bagOf, manifestText, textFile } from '../package/bag.ts';
import type { CustodyPart } from '../package/custody.ts';
import { pinned } from '../package/pinned.ts';
import { type PackageOutput, type Placed, placePackage } from '../package/place.ts';
import { type LedgerProofs, PROOF_FILES, proveBodies } from '../package/proofs.ts';
import { recordRows } from '../package/record-rows.ts';
import { takeRecords } from '../package/records.ts';
import { type RowSet, writeRows } from '../package/rows.ts';
import { openStaging, type Staging } from '../package/staging.ts';
import { coverFiles } from './cover.ts';
import { readmeText } from './readme.ts';
import { checkScope, type Order, type Scope, scopeFacts, selectionOf } from './scope.ts';
import { textOf } from './sealed-record.ts';
import { TERMS } from './texts.ts';

export interface DisclosureRequest {
  readonly lake: Lake;
  readonly identity: LogIdentity;
  readonly views: readonly NativeView[];
  readonly scope: Scope;
  readonly order: Order;
  readonly secret: boolean;
  readonly output: PackageOutput;
  /** Puts it on record before anything leaves; hears how many records leave and the SHA-256 of the payload manifest. */
  readonly record: (records: number, manifestSha256: string) => Promise<CustodyPart>;
  /** Milliseconds since the epoch: hours after it are not judged. */
  readonly now: number;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

export interface MadeDisclosure extends Placed {
  readonly manifestSha256: string;
  readonly records: number;
  readonly bodies: number;
  readonly sources: Readonly<Record<string, number>>;
  /** Hours of the accounts and the period, by what can be said of them. */
  readonly hours: Readonly<Partial<Record<UnitVerdict, number>>>;
  readonly sealed: boolean;
}

const WHOLE = { maxRows: 1e15, maxBytes: 2 ** 50, timeoutMillis: 7 * 86_400_000, threads: 1 };
const CHECK = new URL('check.py', import.meta.url);

/**
 * Throws DISCLOSURE_SCOPE, DISCLOSURE_EMPTY where nothing is within the scope, PROOF_BROKEN rather than give out what cannot
 * be led back to evidence, as `runQuery` and `placePackage` do, and what `record` throws.
 */
export async function makeDisclosure(request: DisclosureRequest): Promise<MadeDisclosure> {
  const { scope, order, secret, identity, output } = request;
  checkScope(scope);
  const lake = await pinned(request.lake);
  const base: ExportBase = { snapshot: await readSnapshot(lake), views: request.views, limits: WHOLE };
  const staging = await openStaging(output.path);
  const told =
    (stage: string) =>
    (done: number, total = 0) =>
      request.onProgress?.(stage, done, total);
  try {
    const selection = selectionOf(scope);
    const rows = await writeRows(
      base,
      selection,
      'data/records',
      new Set(['csv'] as const),
      staging,
      told('records'),
    );
    if (rows.rows === 0)
      throw new AkashiError(
        'DISCLOSURE_EMPTY',
        'Nothing that is held is within the scope, so there is nothing to disclose. Names are matched letter for letter: compare them with `akashi query "select distinct actor_id, actor_name, account from events"`.',
      );
    const taken = await takeRecords(
      lake.vault,
      recordRows(base, [selection]),
      'texts',
      staging,
      told('evidence'),
    );
    const proofs = await proveBodies(lake, identity, taken.bodies, staging, told('ledger entries'));
    const found = await distinct(base, selection);
    const hours = await hoursOf(lake, scope, found.accounts, request.now);
    const facts = { order, scope, secret, records: rows.rows, sources: found.sources, hours, proofs };
    const payload = [
      ...rows.files,
      ...taken.files,
      await hashedProofs(proofs, staging),
      textFile('data/order.json', jsonFile(orderFacts(facts, rows))),
      textFile('data/terms.txt', `${TERMS.en.join('\n\n')}\n\n${TERMS.ja.join('\n\n')}\n`),
      ...(await coverFiles(facts)),
    ];
    const manifestSha256 = hashBytes(Buffer.from(manifestText(payload)));
    const custody = await request.record(rows.rows, manifestSha256);
    const tags = [
      ...proofs.files.filter(({ name }) => name === PROOF_FILES.checkpoint || name === PROOF_FILES.vkey),
      ...custody.files,
      textFile('README.txt', readmeText({ ...facts, manifestSha256, sealed: custody.sealed })),
      textFile('check.py', await readFile(CHECK)),
    ];
    const name = `akashi-disclosure-${manifestSha256.slice(0, 16)}`;
    const bag = bagOf(payload, tags, [
      ['External-Identifier', name],
      ['External-Description', 'Disclosure under a lawful order'],
    ]);
    const placed = await placePackage(bag, name, output, staging, told('writing'));
    const bodies = taken.bodies.length;
    return {
      ...placed,
      manifestSha256,
      records: rows.rows,
      bodies,
      sources: found.sources,
      hours,
      sealed: custody.sealed,
    };
  } finally {
    await staging.remove();
  }
}

export interface DisclosureFacts {
  readonly order: Order;
  readonly scope: Scope;
  readonly secret: boolean;
  readonly records: number;
  readonly sources: Readonly<Record<string, number>>;
  readonly hours: Readonly<Partial<Record<UnitVerdict, number>>>;
  readonly proofs: Pick<LedgerProofs, 'origin' | 'size' | 'root' | 'vkey'>;
}

const orderFacts = (
  { order, scope, secret, records, sources, hours, proofs }: DisclosureFacts,
  { columns }: RowSet,
) => ({
  format: 1,
  what: 'Akashi disclosure package',
  order,
  secret,
  scope: scopeFacts(scope),
  records,
  sources,
  columns,
  coverageHours: hours,
  ledger: { origin: proofs.origin, size: proofs.size, root: proofs.root },
});

/** Sources and accounts of what is disclosed: of no others anything is said. */
async function distinct(
  base: ExportBase,
  { sql, parameters }: ReturnType<typeof selectionOf>,
): Promise<{ sources: Record<string, number>; accounts: string[] }> {
  const statement = `SELECT source, account, count(*) FROM (${sql}) AS chosen GROUP BY ALL ORDER BY ALL`;
  const sources: Record<string, number> = {};
  const accounts = new Set<string>();
  for await (const batch of await runQuery({ ...base, sql: statement, parameters }))
    for (const [source, account, count] of batch) {
      sources[String(source)] = (sources[String(source)] ?? 0) + Number(count);
      if (typeof account === 'string') accounts.add(account);
    }
  return { sources, accounts: [...accounts].sort() };
}

/** Hours alone: where a gap lies and whose it is may be of others. */
async function hoursOf(
  lake: Lake,
  { since, until, accounts }: Scope,
  disclosed: readonly string[],
  now: number,
): Promise<Partial<Record<UnitVerdict, number>>> {
  const range = { from: since.getTime() * 1000, to: until.getTime() * 1000 };
  const summary = new RangeSummary(range);
  const wanted = new Set(accounts.length > 0 ? accounts : disclosed);
  await lakeCoverage(lake, now * 1000, range, (unit) => {
    if (unit.stream.account !== null && wanted.has(unit.stream.account)) summary.add(unit);
  });
  return Object.fromEntries(Object.entries(summary.hours).filter(([, hours]) => hours > 0));
}

/**
 * Of each ledger entry its hash alone: the entry itself says where the body came from and which times it reaches over, which
 * is of others. Who is given the entry later can see that it is this one.
 */
async function hashedProofs(proofs: LedgerProofs, staging: Staging): Promise<BagFile> {
  const entries = proofs.files.find(({ name }) => name === PROOF_FILES.entries);
  const file = await staging.create('data/proofs.jsonl');
  const text = entries === undefined ? '' : await textOf(entries.open());
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { index, entry, proof } = JSON.parse(line) as { index: number; entry: string; proof: string[] };
    const { sha256 } = JSON.parse(entry) as { sha256: string };
    const leaf = toBase64(leafHash(Buffer.from(entry)));
    await file.write(`${JSON.stringify({ evidence: sha256, index, leaf, proof })}\n`);
  }
  return file.finish();
}
