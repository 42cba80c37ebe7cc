/** The ledger of a lake on one machine: who signs it, and what its entries say of a seal. */

import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LogIdentity, openCheckpoint, parseCheckpointText } from '../ledger/checkpoint.ts';
import type { DraftOf } from '../ledger/entry.ts';
import { type Ledger, openLog } from '../ledger/log.ts';
import { parseNote, type Signer } from '../ledger/note.ts';
import { need } from '../ledger/outcome.ts';
import { fileSigner, kmsSigner, verifierFor } from '../ledger/signer.ts';
import { hasCode } from '../ledger/store.ts';
import { parseVkey } from '../ledger/vkey.ts';
import type { Row, TableName } from '../schema/columns.ts';
import { AkashiError } from '../schema/error.ts';
import { readHead } from '../tables/head.ts';
import type { DataFileEntry } from '../tables/table-metadata.ts';
import { canonicalJson } from '../vault/canonical-json.ts';
import { removeFile, syncFile, syncFolder, tempPath } from '../vault/durable-file.ts';
import { linkNew } from '../vault/folder-store.ts';
import { parseKey } from '../vault/keys.ts';
import type { Lake } from '../vault/lake.ts';
import { isMissing } from '../vault/store-error.ts';

/** Public: copy it out of the lake and give it to whoever will verify. */
export const VKEY_FILE = 'ledger.vkey';
/** Secret: whoever holds it can sign in the lake's name. AKASHI_SIGNING_KEY names another place for it. */
export const KEY_FILE = 'keys/ledger.pem';
/** In AKASHI_SIGNING_KEY, before the id, alias or ARN of a key in AWS KMS. */
const KMS = 'kms:';

const keyPath = (root: string): string => process.env['AKASHI_SIGNING_KEY'] ?? join(root, KEY_FILE);
const vkeyPath = (root: string): string => join(root, VKEY_FILE);

/**
 * The lake's ledger for writing; its key and name are made on first use, and `ledger.vkey` again when it is gone. Throws
 * KEY_EXPOSED, KEY_UNSUITABLE, what `openKmsKey` throws, and rather than sign with another key than before KEY_MISSING,
 * KEY_CHANGED.
 */
export async function openLedger(lake: Lake): Promise<Ledger> {
  const { origin, signer, vkey, isKnown } = await signerOf(lake, await namesOf(lake));
  const identity: LogIdentity = { origin, verifiers: [verifierFor(signer)] };
  const named = await publish(lake, `${vkey}\n`, isKnown);
  if (!isKnown) await writeVkey(lake.root, named ?? vkey);
  // Two machines began a new lake at once, and the other was first to name it: that is its name.
  if (named !== null) return openLedger(lake);
  return openLog({ vault: lake.vault, state: lake.state, ...identity, signer });
}

/** Null once the verifier key is where other machines find it; else the key that is there, in a lake that had none to us. */
async function publish({ remote }: Lake, text: string, isKnown: boolean): Promise<string | null> {
  try {
    await remote?.publishVkey(text);
    return null;
  } catch (error) {
    const published = isKnown || !hasCode(error, 'STORE_CONFLICT') ? null : await remote?.publishedVkey();
    if (published === null || published === undefined) throw error;
    return published.trim();
  }
}

/**
 * Where the key is that signs for the lake, and its verifier key, without making or writing anything; null in a lake never
 * sealed. Throws as `openLedger` does.
 */
export async function signingKeyOf(lake: Lake): Promise<{ place: string; vkey: string } | null> {
  const names = await namesOf(lake);
  if ((names.known ?? names.sealed) === null) return null;
  const { vkey } = await signerOf(lake, names);
  return { place: keyPath(lake.root), vkey };
}

type Names = Awaited<ReturnType<typeof namesOf>>;

/** Whose signature the lake has so far: by its note of it, else by its head. */
async function namesOf(lake: Lake) {
  const known = await readVkey(lake.root);
  return { known, sealed: known === null ? await sealedCheckpoint(lake) : null };
}

async function signerOf(lake: Lake, { known, sealed }: Names) {
  const path = keyPath(lake.root);
  const origin = known?.origin ?? sealed?.origin ?? `lake-${randomBytes(6).toString('hex')}.akashi.local`;
  const isFile = !path.startsWith(KMS);
  if (isFile && (known ?? sealed) !== null && !(await isThere(path))) {
    throw new AkashiError(
      'KEY_MISSING',
      `the signing key of ${origin} is not at "${path}". Nothing was written, and no other key takes its place. ` +
        'Put it back, or name its place with AKASHI_SIGNING_KEY.',
    );
  }
  const signer = isFile
    ? await fileSigner(path, origin)
    : await keyServiceSigner(path.slice(KMS.length), origin);
  const verifier = verifierFor(signer);
  const { vkey } = verifier;
  const fits =
    known?.verifiers[0]?.vkey === vkey ||
    (known === null &&
      (sealed === null || openCheckpoint(sealed.note, { origin, verifiers: [verifier] }).ok));
  if (!fits) {
    throw new AkashiError(
      'KEY_CHANGED',
      `the signing key in "${path}" is ${vkey}, but ` +
        `${known === null ? 'another one signed the head' : `${VKEY_FILE} names ${known.verifiers[0]!.vkey}`}. ` +
        'Put back the key that belongs to the lake, or name its place with AKASHI_SIGNING_KEY.',
    );
  }
  return { origin, signer, vkey, isKnown: known !== null };
}

/** The SDK is loaded only for who needs it. */
async function keyServiceSigner(keyId: string, origin: string): Promise<Signer> {
  const { openKmsKey } = await import('../vault/kms.ts');
  const key = await openKmsKey(keyId);
  return kmsSigner(origin, key.publicKey, key.sign);
}

/** Whom the signing key speaks for, where `ledger.vkey` is gone; null where no key is here. Writes nothing. */
export async function identityOfKey(lake: Pick<Lake, 'root'>, origin: string): Promise<LogIdentity | null> {
  const path = keyPath(lake.root);
  const isFile = !path.startsWith(KMS);
  if (isFile && !(await isThere(path))) return null;
  const signer = isFile
    ? await fileSigner(path, origin)
    : await keyServiceSigner(path.slice(KMS.length), origin);
  return { origin, verifiers: [verifierFor(signer)] };
}

/** Origin and note of the checkpoint in the head; null in a lake never sealed. */
async function sealedCheckpoint(lake: Lake): Promise<{ origin: string; note: Uint8Array } | null> {
  const { head } = await readHead(lake.state);
  if (head.checkpoint === null) return null;
  const note = Buffer.from(head.checkpoint);
  return { origin: need(parseCheckpointText(need(parseNote(note)).text)).origin, note };
}

/** Whole or not at all, and never in place of another. */
async function writeVkey(root: string, vkey: string): Promise<void> {
  const temp = tempPath(root);
  await mkdir(dirname(temp), { recursive: true });
  try {
    await writeFile(temp, `${vkey}\n`, { flag: 'wx', mode: 0o444 });
    await syncFile(temp);
    const path = vkeyPath(root);
    if (!linkNew(temp, path) && (await readVkey(root))?.verifiers[0]?.vkey !== vkey)
      throw new AkashiError(
        'KEY_CHANGED',
        `"${path}" came meanwhile and names another key. Run the command again.`,
      );
    await syncFolder(root);
  } finally {
    removeFile(temp);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Whom to believe about the lake: its own `ledger.vkey`, or the text of one kept elsewhere. Null in a lake never sealed. */
export async function readVkey(root: string, file = vkeyPath(root)): Promise<LogIdentity | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const verifiers = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const parsed = parseVkey(line.trim());
      if (parsed.ok) return parsed.value;
      throw new AkashiError(
        parsed.code,
        `"${file}" holds no verifier key: ${parsed.problem}. Name a copy of the lake's ledger.vkey.`,
      );
    });
  if (verifiers.length === 0) throw new AkashiError('KEY_UNSUITABLE', `"${file}" holds no verifier key.`);
  return { origin: verifiers[0]!.name, verifiers };
}

export function evidenceDraft(row: Row<'evidence'>): DraftOf<'evidence'> {
  return {
    kind: 'evidence',
    sha256: row.sha256!,
    size: row.size!,
    source: row.source!,
    role: row.role as 'records' | 'digest' | 'unrecognised',
    origin: row.origin!,
    versionId: row.version_id,
    metadata: row.metadata === null ? null : sha256Of(canonicalJson(JSON.parse(row.metadata))),
    modified: row.modified_at,
    receivedAt: row.received_at!,
    counts: {
      records: row.records!,
      events: row.events!,
      flows: row.flows!,
      skipped: row.skipped!,
      unreadable: row.unreadable!,
    },
    firstTime: row.first_time,
    lastTime: row.last_time,
    mapping: row.mapping_version,
    verdict: row.verdict ?? null,
    // Not there in rows of lakes that never promised anything.
    ...(row.retain_until == null ? {} : { retainUntil: row.retain_until }),
  };
}

export function dataDraft(table: TableName, file: DataFileEntry): DraftOf<'data'> {
  return {
    kind: 'data',
    table,
    key: file.key,
    sha256: file.sha256,
    rows: file.rows,
    day: file.day === 'undated' ? null : file.day,
    mapping: null,
    ranges: file.ranges,
    ...(file.copies === undefined ? {} : { copies: file.copies }),
  };
}

/** Names the checkpoint a seal grew from, and what that one's seal left in the vault, so that neither can be taken away unnoticed. */
export function sealDraft(size: number, checkpoint: Uint8Array, growth: string | null): DraftOf<'seal'> {
  const named = growth === null ? null : parseKey(growth);
  const left = named?.class === 'growth' && named.size === size ? { growth: named.sha256 } : {};
  return { kind: 'seal', size, checkpointSha256: sha256Of(checkpoint), ...left };
}

const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
