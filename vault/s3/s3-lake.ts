/**
 * A lake whose two stores are buckets. What lies in neither store, the signing key, the writer's lock, files in the
 * making and fetched ones, is kept in a folder of this machine.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { AkashiError } from '../../schema/error.ts';
import { newerError } from '../../schema/newer.ts';
import { hashBytes, sweepTemps, TEMP_FOLDER, tempPath } from '../durable-file.ts';
import type { Catalogue } from '../evidence.ts';
import { makeKey } from '../keys.ts';
import type { Lake } from '../lake.ts';
import type { StateStore } from '../store.ts';
import { isMissing, storeError } from '../store-error.ts';
import { WRITE_KINDS } from '../write-kind.ts';
import { checkVaultBucket } from './bucket-check.ts';
import { bucketOf, PATIENCE, type Patience, s3Client } from './client.ts';
import { lockFor } from './lock.ts';
import { s3State } from './s3-state.ts';
import { type S3Vault, s3Vault } from './s3-vault.ts';
import { type Place, parseS3Address, parseS3File, type S3Settings } from './settings.ts';

const FORMAT = 1;
const NOTE_KEY = makeKey('lakeNote', {});
const VKEY_KEY = makeKey('verifierKey', {});
/** As in a lake in a folder. */
const VKEY_FILE = 'ledger.vkey';

/**
 * Opens a lake on S3, by address or by the path of a settings file. For writing, S3 is asked whether the vault's bucket
 * has versioning and Object Lock, and the lake is made when nothing is there. Throws LAKE_ADDRESS, LAKE_RETENTION,
 * LAKE_MISSING, LAKE_NEWER, LAKE_DAMAGED, LAKE_OTHER_VAULT, BUCKET_UNVERSIONED, BUCKET_UNLOCKED.
 */
export async function openS3Lake(
  address: string,
  purpose: 'read' | 'write',
  patience: Patience = PATIENCE,
): Promise<Lake> {
  const settings = await settingsOf(address);
  const client = s3Client(settings, patience);
  const inside = ({ bucket, prefix }: Place, part: string): Place => ({
    bucket,
    prefix: `${prefix}${part}/`,
  });
  const vaultBucket = bucketOf(client, settings, inside(settings.vault, 'vault'), patience);
  const stateBucket = bucketOf(client, settings, inside(settings.state, 'state'), patience);
  const vault = s3Vault(vaultBucket, { lockFor: (key) => lockFor(settings, key) });
  const state = s3State(stateBucket);
  if (purpose === 'write') {
    lockFor(settings, NOTE_KEY);
    await checkVaultBucket(vaultBucket);
  }
  await checkNote(state, vault.name, address, purpose);
  const root = await prepareHome(settings);
  await fetchVkey(state, root);
  return lakeOn({
    address: address.startsWith('s3://') ? address : resolve(address),
    root,
    vault,
    state,
    ...(settings.glue === null
      ? {}
      : { catalogue: { glue: settings.glue, athena: settings.athena, region: settings.region } }),
  });
}

/** Asks S3 whether the vault's bucket has versioning and Object Lock. Throws BUCKET_UNVERSIONED, BUCKET_UNLOCKED. */
export async function checkS3Lock(address: string, patience: Patience = PATIENCE): Promise<void> {
  const settings = await settingsOf(address);
  await checkVaultBucket(bucketOf(s3Client(settings, patience), settings, settings.vault, patience));
}

/** A lake of stores that are there; `root` is its folder on this machine. */
export function lakeOn(parts: {
  readonly address: string;
  readonly root: string;
  readonly vault: S3Vault;
  readonly state: StateStore;
  readonly catalogue?: Catalogue;
}): Lake {
  const { root, vault, state } = parts;
  return {
    ...parts,
    scratchPath: (suffix) => tempPath(root, suffix),
    removeReplaced: (key) => vault.removeReplaced(key),
    remote: {
      newest: (key, range) => vault.newest(key, range),
      statLately: (key) => vault.statLately(key),
      link: (key, seconds) => vault.link(key, seconds),
      versions: () => vault.versions(''),
      publishVkey: async (text) => {
        // Each seal asks: reading costs a twelfth of a write that is refused.
        if ((await readText(state, VKEY_KEY)) === text) return;
        await state.putIfAbsent(VKEY_KEY, Buffer.from(text), WRITE_KINDS.vkey);
      },
      publishedVkey: () => readText(state, VKEY_KEY),
    },
  };
}

async function settingsOf(address: string): Promise<S3Settings> {
  if (address.startsWith('s3://')) return parseS3Address(address);
  try {
    return parseS3File(await readFile(address, 'utf8'), address);
  } catch (error) {
    throw storeError(error, `reading the lake's settings in "${address}"`);
  }
}

/** `AKASHI_HOME`, or `.akashi` in the user's home, with a folder for each lake. */
async function prepareHome({ vault, state, endpoint }: S3Settings): Promise<string> {
  const named = hashBytes(Buffer.from(JSON.stringify([vault, state, endpoint]))).slice(0, 12);
  const home = resolve(process.env['AKASHI_HOME'] ?? join(homedir(), '.akashi'));
  const root = join(home, 'lakes', `${vault.bucket}-${named}`);
  try {
    for (const part of [TEMP_FOLDER, 'state'])
      await mkdir(join(root, part), { recursive: true, mode: 0o700 });
    await sweepTemps(root);
  } catch (error) {
    throw storeError(error, `preparing "${root}" for what a lake on S3 keeps on this machine`);
  }
  return root;
}

/** The note of the lake's format, and of the vault that the state store belongs to. */
async function checkNote(
  state: StateStore,
  vault: string,
  address: string,
  purpose: 'read' | 'write',
): Promise<void> {
  let text = await readText(state, NOTE_KEY);
  if (text === null && purpose === 'read')
    throw new AkashiError(
      'LAKE_MISSING',
      `"${address}" is no lake: ${state.name} holds no ${NOTE_KEY}. Make one with \`akashi collect <path…> --lake …\`, ` +
        'or check buckets and prefixes.',
    );
  if (text === null) {
    text = `${JSON.stringify({ format: FORMAT, vault })}\n`;
    await state.putIfAbsent(NOTE_KEY, Buffer.from(text), WRITE_KINDS.record);
  }
  const note = parsed(text);
  if (typeof note?.format !== 'number' || typeof note.vault !== 'string')
    throw new AkashiError(
      'LAKE_DAMAGED',
      `${NOTE_KEY} in ${state.name} must be JSON with "format" and "vault", and is not. Everything else may be intact: ` +
        `put back {"format":${FORMAT},"vault":"${vault}"}, then run \`akashi verify\`.`,
    );
  if (note.format > FORMAT) throw newerError(`"${address}"`, note.format, FORMAT);
  if (note.vault !== vault)
    throw new AkashiError(
      'LAKE_OTHER_VAULT',
      `${state.name} belongs to the vault ${note.vault}, and ${vault} was named. A state store serves one vault: correct ` +
        'the address, or name another bucket or prefix with state=.',
    );
}

function parsed(text: string): { format?: unknown; vault?: unknown } | null {
  try {
    return JSON.parse(text) as { format?: unknown; vault?: unknown } | null;
  } catch {
    return null;
  }
}

async function readText(state: StateStore, key: string): Promise<string | null> {
  try {
    return Buffer.from((await state.get(key)).body).toString('utf8');
  } catch (error) {
    if (error instanceof AkashiError && error.code === 'STORE_MISSING') return null;
    throw error;
  }
}

/** The first look at a lake from this machine brings its verifier key along; from then on it is this machine's own. */
async function fetchVkey(state: StateStore, root: string): Promise<void> {
  const path = join(root, VKEY_FILE);
  try {
    await readFile(path);
  } catch (error) {
    if (!isMissing(error)) throw storeError(error, `reading "${path}"`);
    const text = await readText(state, VKEY_KEY);
    if (text !== null) await writeFile(path, text, { flag: 'wx', mode: 0o444 }).catch(() => {});
  }
}
