/** Makes an evidence package: everything is read from one snapshot, checked, and given out whole or not at all. */

import { readSnapshot } from '../../engine/lake-snapshot.ts';
import type { Snapshot } from '../../engine/snapshot.ts';
import type { NativeView } from '../../engine/views.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { TABLES } from '../../schema/columns.ts';
import { AkashiError } from '../../schema/error.ts';
import { isoMicros } from '../../stages/lake-coverage.ts';
import { hashBytes } from '../../vault/durable-file.ts';
import { evidenceKey } from '../../vault/keys.ts';
import type { Lake } from '../../vault/lake.ts';
import { withCoverageTable } from '../coverage-table.ts';
import { type ExportBase, rowsOf, type Selection } from '../ocsf-selection.ts';
import { ABOUT, type About, type Asked, aboutOf, jsonFile, type MadeFor } from './about.ts';
import { type BagFile, bagOf, manifestText, textFile } from './bag.ts';
import { coverFiles } from './cover.ts';
import { coverageOf, type PackageCoverage, type SnapshotFacts, snapshotFacts } from './coverage.ts';
import type { CustodyPart } from './custody.ts';
import { pinned } from './pinned.ts';
import { type PackageOutput, type Placed, placePackage } from './place.ts';
import { type LedgerProofs, proveBodies } from './proofs.ts';
import { readmeText } from './readme.ts';
import { recordRows } from './record-rows.ts';
import { type Records, type RecordsMode, takeRecords } from './records.ts';
import { countAgain, LINK_COLUMNS, type RowForm, type RowSet, writeOcsf, writeRows } from './rows.ts';
import { openStaging, type Staging } from './staging.ts';
import { verifierFile } from './verifier.ts';

export interface PackageRequest {
  readonly lake: Lake;
  readonly identity: LogIdentity;
  readonly views: readonly NativeView[];
  readonly asked: Asked;
  readonly mode: RecordsMode;
  readonly forms: ReadonlySet<RowForm>;
  readonly madeFor: MadeFor | null;
  /** A package that says that nothing matched. */
  readonly allowEmpty?: boolean;
  /** More that goes into about.json and onto the cover, such as the order that a disclosure follows. */
  readonly notes?: Readonly<Record<string, unknown>>;
  /** More files of the payload, below `data/`. */
  readonly more?: readonly BagFile[];
  readonly output: PackageOutput;
  /**
   * Puts the export on record before anything leaves; hears how many rows leave, and the SHA-256 of the payload manifest.
   * What it resolves to goes along.
   */
  readonly record: (rows: number, manifestSha256: string) => Promise<CustodyPart | null>;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

export interface MadePackage extends Placed {
  /** SHA-256 of the payload manifest: the package's name in the chain of custody. */
  readonly manifestSha256: string;
  readonly about: About;
  readonly coverage: PackageCoverage;
  readonly stamped: boolean;
  readonly custody: 'sealed' | 'waiting' | null;
}

/** An export is never cut short. One thread, because the order of rows without ORDER BY is then always the same. */
const WHOLE = { maxRows: 1e15, maxBytes: 2 ** 50, timeoutMillis: 7 * 86_400_000, threads: 1 };

/**
 * Throws as `runQuery` does, PACKAGE_NOTHING_SEALED, PACKAGE_NO_ROWS, EXPORT_NOT_ROWS for an answer that cannot be led back
 * to records, PROOF_BROKEN and PACKAGE_CHANGED rather than give out what would not verify, and what `record` throws.
 */
export async function makePackage(request: PackageRequest): Promise<MadePackage> {
  const lake = await pinned(request.lake);
  const base: ExportBase = { snapshot: await readSnapshot(lake), views: request.views, limits: WHOLE };
  const staging = await openStaging(request.output.path);
  try {
    const known = await snapshotFacts(base);
    const all = (snapshot: Snapshot) => gather(request, lake, { ...base, snapshot }, known, staging);
    const parts = /coverage/i.test(request.asked.sql)
      ? await withCoverageTable(lake, base.snapshot, known.asOf, all)
      : await all(base.snapshot);
    const { payload, tags, proofs, about, coverage } = parts;
    const manifestSha256 = hashBytes(Buffer.from(manifestText(payload)));
    const custody = await request.record(parts.rows, manifestSha256);
    const facts = { about, coverage, proofs, manifestSha256, custody };
    const bag = bagOf(
      payload,
      [...tags, ...(custody?.files ?? []), textFile('README.txt', readmeText(facts)), await verifierFile()],
      bagInfo(about, manifestSha256),
    );
    const placed = await placePackage(
      bag,
      `akashi-evidence-${manifestSha256.slice(0, 16)}`,
      request.output,
      staging,
      (done, total) => request.onProgress?.('writing', done, total),
    );
    return {
      ...placed,
      manifestSha256,
      about,
      coverage,
      stamped: proofs.stamp !== null,
      custody: custody === null || custody.files.length === 0 ? null : custody.sealed ? 'sealed' : 'waiting',
    };
  } finally {
    await staging.remove();
  }
}

interface Gathered {
  readonly payload: readonly BagFile[];
  readonly tags: readonly BagFile[];
  readonly rows: number;
  readonly proofs: LedgerProofs;
  readonly about: About;
  readonly coverage: PackageCoverage;
}

async function gather(
  request: PackageRequest,
  lake: Lake,
  base: ExportBase,
  { asOf, tables }: SnapshotFacts,
  staging: Staging,
): Promise<Gathered> {
  const { asked, mode, forms, identity, madeFor, notes = {}, more = [] } = request;
  const told =
    (stage: string) =>
    (done: number, total = 0) =>
      request.onProgress?.(stage, done, total);
  const sql = asked.sql.replace(/[\s;]+$/, '');
  const statement = { sql, parameters: asked.parameters };
  const selections = mode === 'none' ? [] : await rowsOf(base, sql, asked.parameters).catch(orAnswerAlone);
  const answer = await writeRows(base, statement, 'data/rows/answer', forms, staging, told('rows'));
  if (answer.rows === 0 && request.allowEmpty !== true)
    throw new AkashiError(
      'PACKAGE_NO_ROWS',
      'Nothing matches, so there is nothing to give out. Ask for more, or say --allow-empty for a package which shows that nothing matched.',
    );
  const whole = await wholeRows(base, answer, selections, forms, staging, told('whole rows'));
  await countAgain(base, [{ ...answer, sql }, ...whole], asked.parameters);
  const ocsf =
    forms.has('ocsf') && mode !== 'none' && answer.rows > 0
      ? await writeOcsf(base, selections, 'data/rows/ocsf.jsonl', staging, told('OCSF records'))
      : null;
  const records =
    mode === 'none' || answer.rows === 0 ? null : await taken(request, lake, base, selections, staging);
  const proofs = await proveBodies(lake, identity, records?.bodies ?? [], staging, told('ledger entries'));
  const coverage = await coverageOf(lake, { ...asked, sql }, asOf);
  const about = aboutOf({
    asked,
    head: base.snapshot.head,
    mode,
    madeFor,
    answer,
    whole,
    ocsf: ocsf?.report ?? null,
    records,
    proofs,
    tables,
    asOf: isoMicros(asOf),
    notes,
  });
  const payload = [
    ...answer.files,
    ...whole.flatMap(({ files }) => files),
    ...(ocsf === null ? [] : [ocsf.file]),
    ...(records?.files ?? []),
    ...(mode === 'originals' ? originals(lake, proofs) : []),
    textFile('data/query.sql', `${asked.sql.trimEnd()}\n`),
    textFile('data/coverage.json', jsonFile(coverage)),
    textFile(ABOUT, jsonFile(about)),
    ...(await coverFiles({ about, coverage, proofs, asked })),
    ...more,
  ];
  return { payload, tags: proofs.files, rows: answer.rows, proofs, about, coverage };
}

function orAnswerAlone(error: unknown): never {
  if (!(error instanceof AkashiError && error.code === 'EXPORT_NOT_ROWS')) throw error;
  throw new AkashiError(
    error.code,
    `${error.message}. A package of the answer alone, without evidence, is made with --records none.`,
    { cause: error },
  );
}

/** The whole rows behind an answer that leaves columns out; none where the answer has them all. */
async function wholeRows(
  base: ExportBase,
  answer: RowSet,
  selections: readonly Selection[],
  forms: ReadonlySet<RowForm>,
  staging: Staging,
  onRows: (rows: number) => void,
): Promise<(RowSet & { sql: string })[]> {
  const held = new Set(answer.columns);
  if (
    LINK_COLUMNS.every((name) => held.has(name)) &&
    selections.some(({ table }) => TABLES[table].every(({ name }) => held.has(name)))
  )
    return [];
  const sets: (RowSet & { sql: string })[] = [];
  for (const selection of selections) {
    const set = await writeRows(base, selection, `data/rows/${selection.table}`, forms, staging, onRows);
    if (set.rows > 0) sets.push({ ...set, sql: selection.sql });
  }
  return sets;
}

async function taken(
  { mode, onProgress }: PackageRequest,
  { vault }: Lake,
  base: ExportBase,
  selections: readonly Selection[],
  staging: Staging,
): Promise<Records> {
  if (mode === 'none') throw new Error('no records were asked for');
  return takeRecords(vault, recordRows(base, selections), mode, staging, (done) =>
    onProgress?.('records', done, 0),
  );
}

/** The evidence as it was received, read from the vault when the package is written. */
const originals = ({ vault }: Lake, { bodies }: LedgerProofs): BagFile[] =>
  bodies.map(({ entry: { source, sha256, size } }) => ({
    name: `data/evidence/${source}/${sha256}`,
    size,
    sha256,
    open: () => vault.openRead(evidenceKey(source, sha256)),
  }));

const bagInfo = (
  { snapshot, versions, question, madeFor }: About,
  manifestSha256: string,
): [string, string][] => [
  ['External-Identifier', `akashi-evidence-${manifestSha256.slice(0, 16)}`],
  ['External-Description', `Evidence package: ${question.title ?? question.name ?? 'an SQL question'}`],
  ...(madeFor === null ? [] : [['Internal-Sender-Identifier', madeFor.case] as [string, string]]),
  [
    'Internal-Sender-Description',
    `Ledger ${snapshot.ledger.origin}, ${snapshot.ledger.size} entries, snapshot ${snapshot.id}`,
  ],
  ['Bag-Software-Agent', versions.akashi],
];
