import { join, resolve } from 'node:path';
import { nativeViews } from '../../connectors/native-views.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { runQuery } from '../../engine/query.ts';
import { AkashiError } from '../../schema/error.ts';
import { readVkey } from '../../stages/ledger.ts';
import { factsOf, writeProof } from '../../stages/proof-folder.ts';
import { type Proof, proveRow, type RowOrigin } from '../../stages/prove.ts';
import { type Lake, openLakeForReading } from '../../vault/lake.ts';
import { type Command, type Invocation, textOption } from '../command.ts';
import { RECORD_OPTIONS, recorderFor } from '../custody-options.ts';
import { outsideLake } from '../out-place.ts';
import { grouped, harmless, jsonText, paint } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export const proveCommand: Command = {
  name: 'prove',
  summary: 'write the proof of one event or flow, which anyone can check without akashi',
  usage: '<uid> [--out F] [--source ID] [--case X]',
  about:
    "A folder with the record's original bytes, the body they were delivered in, its ledger entry, the proof that the signed\n" +
    'checkpoint covers it, the key, a time-stamp where there is one, and VERIFY.md with the commands that check it all:\n' +
    'python3, openssl and sha256sum are enough. Every part is checked before it is written.',
  words: 'any',
  options: {
    out: { type: 'string', value: 'folder', help: 'New or empty folder to write (default: ./proof-<uid>)' },
    source: { type: 'string', value: 'ID', help: 'Only the record of this source, e.g. aws.cloudtrail' },
    ...RECORD_OPTIONS,
  },
  examples: [
    'akashi prove 8f1d2c3b-0000-4000-a000-000000000001',
    'akashi prove 8f1d2c3b-0000-4000-a000-000000000001 --out ~/case-7/proof --lake /srv/lake',
    'akashi prove 8f1d2c3b-0000-4000-a000-000000000001 --json',
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [word, ...more] = invocation.words;
  // Lines of CSV end in CR LF, and a shell cuts off the LF alone.
  const uid = word?.trim();
  if (uid === undefined) throw new UsageError('prove needs the uid of a row: `akashi prove <uid>`.');
  if (more.length > 0) throw new UsageError(`prove takes one uid, and "${more[0]}" came after it.`);
  const lake = await openLakeForReading(invocation.lake);
  const out = textOption(invocation, 'out');
  if (out !== undefined) await outsideLake('out', out, lake.root);
  const rows = await findRows(lake, uid, textOption(invocation, 'source'));
  const identity = await readVkey(lake.root);
  if (identity === null)
    throw new AkashiError(
      'KEY_MISSING',
      `"${lake.root}" has no ledger.vkey. Put back the copy you kept, then prove again.`,
    );
  const proofs: Proof[] = [];
  for (const row of rows) proofs.push(await proveRow(lake, identity, row));

  const { record } = await recorderFor(invocation, lake);
  await record({ action: 'prove', subject: uid, rows: proofs.length });
  const folders =
    out === undefined && invocation.json ? [] : foldersFor(out ?? defaultFolder(uid), proofs.length);
  for (const [at, folder] of folders.entries()) await writeProof(lake, proofs[at]!, folder);
  process.stdout.write(`${invocation.json ? asJson(proofs, folders) : told(proofs, folders)}\n`);
  return 0;
}

/** More rows than this share an id only where it is no id. */
const MOST_ROWS = 20;

/** The rows that the views show under a uid: one, or several where copies disagree or sources share it. */
async function findRows(lake: Lake, uid: string, source: string | undefined): Promise<RowOrigin[]> {
  const columns = 'uid, source, evidence, locator, raw';
  const where = `uid = $uid${source === undefined ? '' : ' AND source = $source'}`;
  const sql = (['events', 'flows'] as const)
    .map((table) => `SELECT '${table}' AS "table", ${columns} FROM ${table} WHERE ${where}`)
    .join(' UNION ALL ');
  const answer = await runQuery({
    sql,
    parameters: { uid, ...(source === undefined ? {} : { source }) },
    snapshot: await readSnapshot(lake),
    views: nativeViews(),
    limits: { maxRows: MOST_ROWS + 1 },
  });
  const names = answer.columns.map(({ name }) => name);
  const rows: RowOrigin[] = [];
  for await (const batch of answer)
    for (const cells of batch)
      rows.push(Object.fromEntries(names.map((name, at) => [name, cells[at]])) as unknown as RowOrigin);
  if (rows.length === 0)
    throw new AkashiError(
      'UID_UNKNOWN',
      `No event or flow has the uid ${JSON.stringify(uid)}${source === undefined ? '' : ` in ${source}`}. ` +
        "The column uid of a query's answer is what to give here.",
    );
  if (rows.length > MOST_ROWS)
    throw new AkashiError(
      'UID_AMBIGUOUS',
      `More than ${MOST_ROWS} rows have the uid ${JSON.stringify(uid)}. Name one source with --source.`,
    );
  return rows.sort((a, b) => (`${a.evidence} ${a.locator}` < `${b.evidence} ${b.locator}` ? -1 : 1));
}

const defaultFolder = (uid: string): string => `proof-${uid.replaceAll(/[^A-Za-z0-9-]+/g, '_').slice(0, 80)}`;

/** One proof fills the folder; several get one each in it. */
const foldersFor = (out: string, count: number): string[] =>
  count === 1 ? [resolve(out)] : Array.from({ length: count }, (_, at) => resolve(join(out, String(at + 1))));

/** Microseconds since the epoch. */
const timeText = (time: number): string => new Date(time / 1000).toISOString();
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('base64');

function asJson(proofs: readonly Proof[], folders: readonly string[]): string {
  const bundles = proofs.map((proof, at) => ({
    ...factsOf(proof),
    record: base64(proof.record),
    enclosing: base64(proof.enclosing),
    entry: { index: proof.entry.index, json: text(proof.entry.bytes) },
    proof: text(proof.proof),
    checkpoint: text(proof.checkpoint),
    vkey: proof.vkey,
    timestamp: base64(proof.timestamp?.reply ?? null),
    timestampTime: proof.timestamp === null ? null : timeText(proof.timestamp.time),
    folder: folders[at] ?? null,
  }));
  return jsonText({ bundles });
}

function importedLines({ imported }: Proof): string[] {
  if (imported === null) return [];
  const { from, receivedAt, verdict, meaning } = imported;
  const before = verdict === null ? meaning : `${verdict}, ${meaning}`;
  return [
    paint('yellow', `  imported from ${from}, received ${timeText(receivedAt)}; before that: ${before}`),
  ];
}

function told(proofs: readonly Proof[], folders: readonly string[]): string {
  const lines = proofs.flatMap((proof, at) => [
    `${harmless(folders[at]!)}: ${grouped(proof.record.length)} bytes at ${harmless(proof.origin.locator)} of ${proof.evidence.key}`,
    `  entry ${grouped(proof.entry.index)} of ${harmless(proof.vkey.split('+')[0]!)}${proof.timestamp === null ? '; no time-stamp covers it yet' : `; existed at ${timeText(proof.timestamp.time)}, says ${harmless(proof.timestamp.authority)}`}`,
    ...importedLines(proof),
  ]);
  const folder = harmless(folders[0]!);
  return [
    ...lines,
    paint(
      'dim',
      `Anyone can check it: python3 ${join(folder, 'verify.py')} ${folder} <key file>; VERIFY.md says how.`,
    ),
  ].join('\n');
}
