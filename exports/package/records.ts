/** Goes from every row back to its record in the evidence, checks it, and writes the list of records and their bytes. */

import { createHash } from 'node:crypto';
import { visibleJson } from '../../engine/format/visible.ts';
import { AkashiError } from '../../schema/error.ts';
import { SYNC_STORED } from '../../stages/expand.ts';
import { followPointers, type Locator, parseLocator } from '../../stages/locator.ts';
import type { RecordForm } from '../../stages/prove.ts';
import { hashObject } from '../../stages/verify/hashing.ts';
import { evidenceKey } from '../../vault/keys.ts';
import type { VaultStore } from '../../vault/store.ts';
import type { BagFile } from './bag.ts';
import { type BodyCutter, bodyCutter } from './body-cutter.ts';
import type { RecordRow } from './record-rows.ts';
import type { Staging } from './staging.ts';

export const RECORD_INDEX = 'data/records/index.jsonl';
export const RECORD_BYTES = 'data/records/slices';

/**
 * `originals`: the evidence objects as they were received. `slices`: of each, only the bytes that hold the records.
 * `texts`: the records' own text alone, where the bytes that hold it hold neighbours too. `none`: no records.
 */
export type RecordsMode = 'originals' | 'slices' | 'texts' | 'none';

export interface BodyTaken {
  readonly source: string;
  readonly sha256: string;
  /** Records of it that are in the package. */
  rows: number;
}

export interface Records {
  readonly files: readonly BagFile[];
  readonly count: number;
  readonly byTable: Readonly<Record<string, number>>;
  readonly byForm: Readonly<Record<RecordForm, number>>;
  /** By source and hash, in that order. */
  readonly bodies: readonly BodyTaken[];
  /** Rows by version of the mapping that made them. */
  readonly mappings: Readonly<Record<string, number>>;
}

interface Held extends BodyTaken {
  readonly cutter: BodyCutter;
}

/**
 * Throws PROOF_BROKEN, which names the row, when the evidence does not say at its locator what the row has as `raw`: such
 * a package would not verify.
 */
export async function takeRecords(
  vault: VaultStore,
  rows: AsyncIterable<RecordRow>,
  mode: Exclude<RecordsMode, 'none'>,
  staging: Staging,
  onRecord: (done: number) => void,
): Promise<Records> {
  const index = await staging.create(RECORD_INDEX);
  const slices = mode === 'originals' ? null : await staging.create(RECORD_BYTES);
  const bodies = new Map<string, BodyTaken>();
  const byForm = { bytes: 0, decoded: 0, rebuilt: 0 };
  const byTable: Record<string, number> = {};
  const mappings: Record<string, number> = {};
  let count = 0;
  let body: Held | null = null;
  /** The last slice written, which several records may share. */
  let last = { key: '', at: 0, length: 0 };
  try {
    for await (const row of rows) {
      if (body === null || body.sha256 !== row.evidence || body.source !== row.source) {
        await body?.cutter.close();
        body = await openBody(vault, row, mode);
        last = { key: '', at: 0, length: 0 };
      }
      const { form, piece } = await follow(body.cutter, row);
      const own = bodies.get(`${row.source} ${row.evidence}`) ?? { ...takenOf(row) };
      own.rows++;
      bodies.set(`${row.source} ${row.evidence}`, own);
      let slice: { at: number; bytes: number } | undefined;
      if (slices !== null) {
        const kept = mode === 'slices' || form === 'bytes' ? piece : null;
        const key = row.locator.split(';')[0]!;
        if (kept !== null && last.key === key) slice = { at: last.at, bytes: last.length };
        else if (kept !== null) {
          slice = { at: slices.size, bytes: kept.length };
          last = { key, at: slices.size, length: kept.length };
          await slices.write(kept);
        }
      }
      const { mapping, ...line } = row;
      await index.write(
        `${visibleJson(JSON.stringify({ ...line, form, ...(slice === undefined ? {} : { slice }) }))}\n`,
      );
      byForm[form]++;
      byTable[row.table] = (byTable[row.table] ?? 0) + 1;
      const version = mapping ?? `${row.source} (no version)`;
      mappings[version] = (mappings[version] ?? 0) + 1;
      onRecord(++count);
    }
  } finally {
    await body?.cutter.close();
  }
  const files = [await index.finish(), ...(slices === null ? [] : [await slices.finish()])];
  const sorted = [...bodies.values()].sort((a, b) =>
    `${a.source} ${a.sha256}` < `${b.source} ${b.sha256}` ? -1 : 1,
  );
  return {
    files,
    count,
    byTable,
    byForm,
    bodies: sorted,
    mappings: Object.fromEntries(Object.entries(mappings).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const takenOf = ({ source, evidence }: RecordRow): BodyTaken => ({ source, sha256: evidence, rows: 0 });

/** Originals are hashed when they are copied; where only slices leave, their body is hashed here. */
async function openBody(vault: VaultStore, row: RecordRow, mode: RecordsMode): Promise<Held> {
  const { source, evidence } = row;
  const key = evidenceKey(source, evidence);
  const stat = await vault.stat(key);
  if (stat === null) throw broken(row, `${key} is not there`);
  const whole = stat.size <= SYNC_STORED ? (await vault.get(key)).body : null;
  if (mode !== 'originals') {
    const found = whole === null ? await hashObject(vault, key) : { sha256: hashOf(whole) };
    if ('problem' in found) throw broken(row, found.problem);
    if (found.sha256 !== evidence) throw broken(row, `${key} holds other bytes than were sealed`);
  }
  return { ...takenOf(row), cutter: bodyCutter(whole ?? (() => vault.openRead(key))) };
}

/** The piece of the body at the row's locator, once it was seen to say what the row says; null where there is none. */
async function follow(
  cutter: BodyCutter,
  row: RecordRow,
): Promise<{ form: RecordForm; piece: Uint8Array | null }> {
  const locator = parseLocator(row.locator);
  if (locator === null) throw broken(row, `its locator ${JSON.stringify(row.locator)} is none`);
  const { range, pointers, rebuilt } = locator;
  const piece = range === null ? null : await cutter.cut(range.start, range.end);
  if (range !== null && piece === null)
    throw broken(row, `the evidence has no bytes ${range.start} to ${range.end}`);
  if (rebuilt || piece === null) return { form: 'rebuilt', piece };
  if (!says(piece, locator, row)) throw broken(row, `the evidence says something else at ${row.locator}`);
  return { form: pointers.length === 0 ? 'bytes' : 'decoded', piece };
}

/** Whether a piece of evidence, followed to its record, is the text of that length and hash. */
export function says(
  piece: Uint8Array,
  { pointers }: Locator,
  { sha256, bytes }: Pick<RecordRow, 'sha256' | 'bytes'>,
): boolean {
  const text = followPointers(Buffer.from(piece).toString('utf8'), pointers)?.toWellFormed();
  if (text === undefined) return false;
  const encoded = Buffer.from(text);
  // Lines that a wrapper carried may have kept their line end, which is no part of the record.
  return (
    hashOf(encoded.subarray(0, bytes)) === sha256 && encoded.subarray(bytes).toString('utf8').trim() === ''
  );
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const broken = ({ uid, evidence }: RecordRow, what: string): AkashiError =>
  new AkashiError(
    'PROOF_BROKEN',
    `${JSON.stringify(uid)} of the body ${evidence} cannot be proven: ${what}. Run \`akashi verify --deep --rederive\` to see everything that is wrong.`,
  );
