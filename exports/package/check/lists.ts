/** BagIt's part: every file is listed with its hash, nothing else is there, nothing is missing. */

import { createHash } from 'node:crypto';
import { MANIFEST, PAYLOAD_FOLDER, TAG_MANIFEST } from '../bag.ts';
import { linesOf, type PackageReader, readWhole } from './reader.ts';
import { type PackageVerification, tell } from './report.ts';

export interface Listed {
  readonly sha256: string;
  readonly size: number;
}

const DECLARATION = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** The files that are there and are what their manifest says. */
export async function checkLists(
  reader: PackageReader,
  report: PackageVerification,
  onBytes: (bytes: number) => void,
): Promise<ReadonlyMap<string, Listed>> {
  for (const { name, detail } of reader.problems) tell(report, 'ADDED', name, detail);
  const said = new Map<string, string>();
  for (const manifest of [MANIFEST, TAG_MANIFEST]) await readManifest(reader, manifest, said, report);
  for (const name of [MANIFEST, 'bagit.txt', 'bag-info.txt'])
    if (!said.has(name)) tell(report, 'ALTERED', TAG_MANIFEST, `it does not list ${name}`);
  if ((await readWhole(reader, 'bagit.txt'))?.toString('latin1') !== DECLARATION)
    tell(report, 'ALTERED', 'bagit.txt', 'it does not declare BagIt 1.0 in UTF-8');
  const good = new Map<string, Listed>();
  const names = new Set([...said.keys(), ...reader.files.keys()]);
  names.delete(TAG_MANIFEST);
  for (const name of [...names].sort()) {
    const found = reader.files.get(name);
    const expected = said.get(name);
    if (found === undefined) tell(report, 'MISSING', name, 'a manifest lists it');
    else if (expected === undefined) tell(report, 'ADDED', name, 'no manifest lists it');
    else if (found.size === null)
      tell(report, 'NOT_A_FILE', name, 'a link, a device or something encrypted stands in its place');
    else {
      const hashed = await hashOf(reader, name, onBytes);
      if (hashed === null || hashed.sha256 !== expected)
        tell(
          report,
          'ALTERED',
          name,
          hashed === null ? 'it cannot be read' : 'its SHA-256 is not the one in the manifest',
        );
      else good.set(name, hashed);
      report.files.checked++;
    }
  }
  const payload = [...good].filter(([name]) => name.startsWith(PAYLOAD_FOLDER)).map(([, file]) => file);
  const bytes = payload.reduce((sum, { size }) => sum + size, 0);
  report.files.bytes = [...good.values()].reduce((sum, { size }) => sum + size, 0);
  const info = (await readWhole(reader, 'bag-info.txt'))?.toString('utf8').split('\n') ?? [];
  if (report.problems.length === 0 && !info.includes(`Payload-Oxum: ${bytes}.${payload.length}`))
    tell(
      report,
      'ALTERED',
      'bag-info.txt',
      `its Payload-Oxum is not that of this payload, ${bytes}.${payload.length}`,
    );
  return good;
}

async function readManifest(
  reader: PackageReader,
  manifest: string,
  said: Map<string, string>,
  report: PackageVerification,
): Promise<void> {
  const whole = await readWhole(reader, manifest);
  if (whole === null) return tell(report, 'MISSING', manifest, 'without it nothing says what should be here');
  if (manifest === MANIFEST) report.manifestSha256 = createHash('sha256').update(whole).digest('hex');
  let number = 0;
  for await (const line of linesOf(reader, manifest)) {
    number++;
    const [, sha256, name] = /^([0-9a-f]{64}) {2}([A-Za-z0-9._/-]+)$/.exec(line) ?? [];
    const isOdd =
      name === undefined ||
      name.split('/').some((part) => part === '' || part === '..' || part === '.') ||
      name.startsWith(PAYLOAD_FOLDER) !== (manifest === MANIFEST) ||
      name.startsWith('tagmanifest-') ||
      said.has(name);
    if (isOdd) tell(report, 'ALTERED', manifest, `line ${number} is none of a manifest`);
    else said.set(name, sha256!);
  }
  if (whole.length > 0 && whole.at(-1) !== 10)
    tell(report, 'ALTERED', manifest, 'its last line does not end');
}

async function hashOf(
  reader: PackageReader,
  name: string,
  onBytes: (bytes: number) => void,
): Promise<Listed | null> {
  const digest = createHash('sha256');
  let size = 0;
  try {
    for await (const piece of reader.open(name)) {
      digest.update(piece);
      size += piece.length;
      onBytes(piece.length);
    }
  } catch {
    return null;
  }
  return { sha256: digest.digest('hex'), size };
}
