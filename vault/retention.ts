/**
 * Retention in a folder: how long a vault's locked files must stay.
 *
 * The record lists periods, each in force for files stored from its beginning on, so that a shorter period never
 * shortens what was promised for files already there. A file's date is its modification time plus its period.
 *
 * This is a promise kept by our code alone. Whoever owns the disk can set a file's time back, edit the record or
 * remove files by other means; only a store with Object Lock refuses its owner. The ledger proves that it happened.
 */

import { statSync } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AkashiError } from '../schema/error.ts';
import { removeFile, syncFile, syncFolder, tempPath } from './durable-file.ts';
import { checkKey } from './key-syntax.ts';
import { isLockedKey, parseKey } from './keys.ts';
import { isHeld } from './legal-hold.ts';
import { isMissing, missing, storeError } from './store-error.ts';

export interface RetentionPeriod {
  /** In force for files stored from this instant on, ISO 8601. */
  readonly since: string;
  readonly days: number;
  /** Connector id where it is for the evidence of one source alone. */
  readonly source?: string;
}

const RECORD = '.retention.json';
const DAY_MILLIS = 24 * 3600 * 1000;
/** 100 years, as long as S3 takes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */
const MAX_DAYS = 36_500;

/** The periods of a vault folder, oldest first; none when no retention was ever set. */
export async function readRetention(root: string): Promise<RetentionPeriod[]> {
  const path = join(root, RECORD);
  let periods: unknown;
  try {
    periods = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return [];
    if (error instanceof SyntaxError) throw badRecord(path, error);
    throw error;
  }
  if (!Array.isArray(periods) || !periods.every(isPeriod)) throw badRecord(path);
  return periods;
}

/** What was read last, by vault, and the file it was read from. */
const known = new Map<string, { readonly file: string; readonly periods: RetentionPeriod[] }>();

/** As `readRetention`, which is asked only when the record is another than the last time. */
export async function knownRetention(root: string): Promise<readonly RetentionPeriod[]> {
  const found = statSync(join(root, RECORD), { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return [];
  const file = `${found.ino}-${found.size}-${found.mtimeNs}-${found.ctimeNs}`;
  const last = known.get(root);
  if (last?.file === file) return last.periods;
  const periods = await readRetention(root);
  known.set(root, { file, periods });
  return periods;
}

const badRecord = (path: string, cause?: unknown) =>
  new AkashiError(
    'VAULT_BAD_RETENTION',
    `"${path}" is not a list of retention periods ({"since":"<ISO 8601>","days":<1 to ${MAX_DAYS}>}). ` +
      'Put back the record from a copy; until then nothing can be removed.',
    { cause },
  );

function isPeriod(value: unknown): value is RetentionPeriod {
  if (typeof value !== 'object' || value === null) return false;
  const { since, days, source } = value as Record<string, unknown>;
  if (source !== undefined && typeof source !== 'string') return false;
  return typeof since === 'string' && !Number.isNaN(Date.parse(since)) && isDays(days);
}

const isDays = (days: unknown): days is number =>
  typeof days === 'number' && Number.isInteger(days) && days >= 1 && days <= MAX_DAYS;

/**
 * When a locked file stored at `storedAt` may go; null when no retention was ever set. `source` is that of evidence,
 * whose own period comes before the general one.
 */
export function retainUntil(
  periods: readonly RetentionPeriod[],
  storedAt: Date,
  source: string | null = null,
): Date | null {
  const own = source === null ? [] : periods.filter((period) => period.source === source);
  const general = periods.filter((period) => period.source === undefined);
  const inForce = (list: readonly RetentionPeriod[]) =>
    list.findLast(({ since }) => Date.parse(since) <= storedAt.getTime());
  const period = inForce(own) ?? inForce(general) ?? general[0] ?? own[0];
  return period ? new Date(storedAt.getTime() + period.days * DAY_MILLIS) : null;
}

/**
 * Sets the period, in days, for what is stored from now on, of one source or of all that have none of their own. The
 * first one ever set counts for what is there already, too; a later one changes no earlier date. Throws RETENTION_DAYS.
 */
export async function setRetention(
  root: string,
  days: number,
  now = new Date(),
  source?: string,
): Promise<void> {
  if (!isDays(days))
    throw new AkashiError(
      'RETENTION_DAYS',
      `Retention must be a whole number of days between 1 and ${MAX_DAYS}, but ${days} was given.`,
    );
  const path = join(root, RECORD);
  const temp = tempPath(root);
  try {
    const periods = await readRetention(root);
    if (periods.findLast((period) => period.source === source)?.days === days) return;
    const period = { since: now.toISOString(), days, ...(source === undefined ? {} : { source }) };
    await writeFile(temp, `${JSON.stringify([...periods, period], null, 2)}\n`);
    await syncFile(temp);
    await rename(temp, path);
    await syncFolder(root);
  } catch (error) {
    throw storeError(error, `writing "${path}"`);
  } finally {
    removeFile(temp);
  }
}

/**
 * Removes one object of a vault folder: a locked one once its date has passed, one that is not locked at any time.
 * Throws VAULT_LOCKED before that date, for locked objects without any retention set, and while a case holds the
 * object; STORE_MISSING when it is not there.
 *
 * The refusal binds those who come through here and nobody else: the disk's owner can bypass it.
 */
export async function removeExpired(root: string, key: string, now: Date): Promise<void> {
  checkKey(key);
  const path = join(root, key);
  try {
    const { mtime } = await stat(path);
    const parts = parseKey(key);
    const source = parts?.class === 'evidence' ? parts.source : null;
    const until = retainUntil(await readRetention(root), mtime, source);
    const reason = refusal(key, until, now, isHeld(root, key));
    if (reason !== null) throw new AkashiError('VAULT_LOCKED', reason);
    removeFile(path);
    await syncFolder(join(path, '..'));
  } catch (error) {
    if (isMissing(error)) throw missing(key, `"${root}"`, error);
    throw storeError(error, `removing "${key}" from "${root}"`);
  }
}

/** A hold has no date and outlives retention. */
function refusal(key: string, until: Date | null, now: Date, held: boolean): string | null {
  if (held) return `"${key}" is held by a case. Release every hold on it first (\`akashi hold\`).`;
  if (!isLockedKey(key)) return null;
  if (until === null) return `"${key}" is kept for ever: no retention is set for this vault.`;
  if (now < until) return `"${key}" is kept until ${until.toISOString()}; it is ${now.toISOString()} now.`;
  return null;
}
