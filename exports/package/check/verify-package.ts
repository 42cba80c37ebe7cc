/** VERIFY a package: from its bytes and a public key alone, as `verify.py` in it does, and beyond it row by row. */

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LogIdentity } from '../../../ledger/checkpoint.ts';
import { parseVkey } from '../../../ledger/vkey.ts';
import { AkashiError } from '../../../schema/error.ts';
import { readVkey } from '../../../stages/ledger.ts';
import { messageOf, type StampTrust } from '../../../stages/verify/report.ts';
import type { BagFile } from '../bag.ts';
import { PROOF_FILES } from '../proofs.ts';
import { readAbout } from './about.ts';
import { deriveRows } from './derive.ts';
import { checkCheckpoint, checkCustody, checkEntries, checkStamp, textHash } from './ledger.ts';
import { checkLists, type Listed } from './lists.ts';
import { folderReader, kindOf, type PackageReader, readWhole, unreadable, zipReader } from './reader.ts';
import { checkRecords } from './records.ts';
import { newReport, type PackageVerification, tell } from './report.ts';
import { checkRows } from './rows.ts';
import { unvouchedCaveats } from './unvouched.ts';

export interface PackageVerifyOptions {
  /** File with the verifier key to believe; without it the package's own is used, which shows only that its parts fit. */
  readonly publicKey?: string;
  readonly stamps?: StampTrust;
  /** File with age identities, for an encrypted package. */
  readonly identity?: string;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

/**
 * Names everything that is wrong with it. Throws PACKAGE_MISSING, PACKAGE_UNKNOWN and PACKAGE_UNREADABLE for what is no
 * package at all, and PACKAGE_IDENTITY, PACKAGE_NOT_FOR_YOU for one that cannot be decrypted. An encrypted one is decrypted
 * to a private folder that is gone afterwards.
 */
export async function verifyPackage(
  path: string,
  options: PackageVerifyOptions = {},
): Promise<PackageVerification> {
  const kind = await kindOf(path);
  if (kind === 'folder') return check(await folderReader(path), null, options);
  if (kind === 'zip') return check(await zipReader(path), path, options);
  if (options.identity === undefined)
    throw new AkashiError(
      'PACKAGE_IDENTITY',
      `"${path}" is encrypted. Name the file with your age identity with --identity.`,
    );
  const { decryptWith } = await import('../age.ts');
  const folder = await mkdtemp(join(tmpdir(), 'akashi-decrypted-'));
  try {
    const zip = join(folder, 'package.zip');
    const plain = await decryptWith(createReadStream(path), options.identity);
    await pipeline(plain, createWriteStream(zip, { flags: 'wx', mode: 0o600 })).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    return await check(await zipReader(zip), zip, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function check(
  reader: PackageReader,
  zip: string | null,
  options: PackageVerifyOptions,
): Promise<PackageVerification> {
  const report = newReport();
  const { stamps = { roots: null, policies: [] }, onProgress = () => {} } = options;
  try {
    let bytes = 0;
    const total = [...reader.files.values()].reduce((sum, { size }) => sum + (size ?? 0), 0);
    const listed = await checkLists(reader, report, (more) => {
      bytes += more;
      onProgress('hashing', bytes, total);
    });
    report.caveats.push(...(await unvouchedCaveats(listed)));
    const identity = await believed(reader, options.publicKey, report);
    if (identity !== null) await checkContents(reader, listed, identity, stamps, report, onProgress);
    if (zip !== null && report.problems.length === 0) await checkZip(reader, zip, listed, report);
  } catch (error) {
    tell(
      report,
      'UNREADABLE',
      (error instanceof AkashiError && /^"([^"]+)"/.exec(error.message)?.[1]) || 'the package',
      messageOf(error),
    );
  } finally {
    reader.close();
  }
  addCaveats(report, options);
  report.problems.sort((a, b) => (`${a.key} ${a.code}` < `${b.key} ${b.code}` ? -1 : 1));
  report.ok = report.problems.length === 0;
  return report;
}

async function checkContents(
  reader: PackageReader,
  listed: ReadonlyMap<string, Listed>,
  identity: LogIdentity,
  stamps: StampTrust,
  report: PackageVerification,
  onProgress: (stage: string, done: number, total: number) => void,
): Promise<void> {
  const checkpoint = await checkCheckpoint(reader, identity, report);
  await checkCustody(reader, identity, report);
  if (checkpoint === null) return;
  await checkStamp(reader, identity, checkpoint, stamps, report);
  const bodies = await checkEntries(reader, checkpoint, listed, report);
  const about = await readAbout(reader);
  const { ledger } = about.snapshot;
  if (
    ledger.origin !== checkpoint.origin ||
    ledger.size !== checkpoint.size ||
    ledger.root !== report.checkpoint!.root
  )
    tell(
      report,
      'HEAD_DIFFERS',
      'data/about.json',
      'it names another state of the ledger than the checkpoint',
    );
  const sql = (await readWhole(reader, 'data/query.sql'))?.toString('utf8') ?? '';
  if (textHash(sql.replace(/\n$/, '')) !== about.question.sqlSha256)
    tell(report, 'ROW_DIFFERS', 'data/query.sql', 'it is not the question that about.json names');
  const { mode, count } = about.records;
  report.records.mode = mode;
  const held = await checkRecords(reader, bodies, listed, mode, report, (done) =>
    onProgress('records', done, count),
  );
  if (held.size !== count && report.problems.length === 0)
    tell(
      report,
      'COUNT_DIFFERS',
      'data/records/index.jsonl',
      `${held.size} records, and about.json counts ${count}`,
    );
  const expected = about.rows.reduce((sum, { rows }) => sum + rows, 0);
  const whole = await checkRows(reader, about, held, listed, report, (done) =>
    onProgress('rows', done, expected),
  );
  if (mode === 'originals')
    await deriveRows(reader, bodies, whole, listed, report, (done, total) =>
      onProgress('deriving rows', done, total),
    );
}

/** Whom to believe: the key that was given, else the package's own. */
async function believed(
  reader: PackageReader,
  file: string | undefined,
  report: PackageVerification,
): Promise<LogIdentity | null> {
  if (file !== undefined) {
    const identity = await readVkey('.', file);
    if (identity === null) throw new AkashiError('KEY_MISSING', `"${file}" is not there`);
    return identity;
  }
  const text = (await readWhole(reader, PROOF_FILES.vkey))?.toString('utf8').trim() ?? '';
  const parsed = parseVkey(text);
  if (parsed.ok) return { origin: parsed.value.name, verifiers: [parsed.value] };
  tell(report, 'UNSIGNED', PROOF_FILES.vkey, parsed.problem);
  return null;
}

/** A zip has one form here: another with the same files may unpack differently elsewhere. */
async function checkZip(
  reader: PackageReader,
  path: string,
  listed: ReadonlyMap<string, Listed>,
  report: PackageVerification,
): Promise<void> {
  const { zipStream } = await import('../zip.ts');
  const tag = await readWhole(reader, 'tagmanifest-sha256.txt');
  const files: BagFile[] = [...listed].map(([name, { sha256, size }]) => ({
    name,
    sha256,
    size,
    open: () => reader.open(name),
  }));
  files.push({
    name: 'tagmanifest-sha256.txt',
    size: tag!.length,
    sha256: createHash('sha256').update(tag!).digest('hex'),
    open: () => reader.open('tagmanifest-sha256.txt'),
  });
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const [made, found] = [createHash('sha256'), createHash('sha256')];
  for await (const piece of zipStream(files, reader.top ?? '', () => {})) made.update(piece as Uint8Array);
  for await (const piece of createReadStream(path)) found.update(piece as Uint8Array);
  if (made.digest('hex') !== found.digest('hex'))
    tell(
      report,
      'ALTERED',
      'the zip file',
      'its files are whole, but the zip around them is not as it was made: other programs may unpack something else from it. Where somebody packed it anew, unpack it and verify the folder',
    );
}

function addCaveats(report: PackageVerification, { publicKey, stamps }: PackageVerifyOptions): void {
  const { caveats, records, rederived, timestamp, custody, vouched } = report;
  if (publicKey === undefined)
    caveats.push(
      "The package's own key was believed, which only shows that its parts fit one another: give --public-key.",
    );
  if (!vouched)
    caveats.push(
      custody === null
        ? 'No custody record is in it: no signature covers which rows, counts and coverage it states.'
        : 'Its custody record was not sealed when it was made: no signature covers which rows, counts and coverage it states.',
    );
  if (records.mode === 'slices' || records.mode === 'texts')
    caveats.push('That slices stand at their places in their bodies shows only who is given the bodies.');
  if (records.mode === 'none')
    caveats.push('It holds no evidence: its rows are the word of whoever made it.');
  if (records.unproven > 0)
    caveats.push(
      `${records.unproven} records were written anew from rows, untidy text or what enclosed them: no bytes prove them.`,
    );
  if (rederived !== null && rederived.notCheckable > 0)
    caveats.push(
      `${rederived.notCheckable} bodies were read by another version's mappings: their rows were not derived again.`,
    );
  if (timestamp !== null && !stamps?.roots)
    caveats.push('Nobody said whose time-stamps to believe: give --tsa-roots.');
  if (timestamp === null)
    caveats.push('No time-stamp: when the checkpoint was signed is the word of whoever signed it.');
}
