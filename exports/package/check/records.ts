/** Follows every line of a package's index to the bytes it names. */

import { parseLocator } from '../../../stages/locator.ts';
import { type BodyCutter, bodyCutter, cutterOf } from '../body-cutter.ts';
import { RECORD_BYTES, RECORD_INDEX, says } from '../records.ts';
import { type Bodies, bodyKey } from './ledger.ts';
import type { Listed } from './lists.ts';
import { linesOf, type PackageReader } from './reader.ts';
import { type PackageVerification, tell } from './report.ts';
import { hash16 } from './row-hash.ts';

/** SHA-256 of each record's text, hex, by `recordKey`. */
export type HeldRecords = ReadonlyMap<string, string>;

/** Names a record in little memory. */
export const recordKey = (evidence: string, locator: string): string => hash16(`${evidence} ${locator}`);

interface IndexLine {
  readonly source: string;
  readonly evidence: string;
  readonly locator: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly slice?: { readonly at: number; readonly bytes: number };
}

/** Each record that stands where the index says; others are told. */
export async function checkRecords(
  reader: PackageReader,
  bodies: Bodies,
  listed: ReadonlyMap<string, Listed>,
  mode: string,
  report: PackageVerification,
  onRecord: (done: number) => void,
): Promise<HeldRecords> {
  const held = new Map<string, string>();
  const used = new Set<string>();
  if (!listed.has(RECORD_INDEX)) return held;
  const slices = listed.has(RECORD_BYTES) ? cutterOf(pieces(reader, RECORD_BYTES)) : null;
  let body = null as { key: string; start: number; cutter: BodyCutter } | null;
  let number = 0;
  try {
    for await (const text of linesOf(reader, RECORD_INDEX)) {
      number++;
      const wrong = (detail: string) =>
        tell(report, 'ROW_DIFFERS', RECORD_INDEX, `line ${number}: ${detail}`);
      const line = lineOf(text);
      const locator = line === null ? null : parseLocator(line.locator);
      if (line === null || locator === null) {
        wrong('it names no record');
        continue;
      }
      const key = bodyKey(line.source, line.evidence);
      if (!bodies.has(key)) {
        wrong(`no ledger entry here is of its evidence ${line.evidence}`);
        continue;
      }
      used.add(key);
      const { range, pointers, rebuilt } = locator;
      let piece: Uint8Array | null = null;
      if (mode === 'originals' && range !== null) {
        if (body?.key !== key || range.start < body.start) {
          await body?.cutter.close();
          body = { key, start: 0, cutter: bodyCutter(() => reader.open(`data/evidence/${key}`)) };
        }
        body.start = range.start;
        piece = listed.has(`data/evidence/${key}`) ? await body.cutter.cut(range.start, range.end) : null;
      } else if (line.slice !== undefined && slices !== null) {
        const { at, bytes } = line.slice;
        const fits = range === null || mode !== 'slices' || range.end - range.start === bytes;
        piece = fits ? await slices.cut(at, at + bytes) : null;
      }
      const isProven = !rebuilt && (mode !== 'texts' || pointers.length === 0);
      if (isProven && (piece === null || !says(piece, locator, line))) {
        wrong(`the record is not what ${line.evidence} says at ${line.locator}`);
        continue;
      }
      if (!isProven) report.records.unproven++;
      held.set(recordKey(line.evidence, line.locator), line.sha256);
      report.records.checked++;
      onRecord(number);
    }
  } finally {
    await body?.cutter.close();
    await slices?.close();
  }
  if (held.size !== number && report.problems.length === 0)
    tell(report, 'ROW_DIFFERS', RECORD_INDEX, 'it names a record twice');
  for (const key of bodies.keys())
    if (!used.has(key))
      tell(report, 'ROW_DIFFERS', RECORD_INDEX, `no record is of the evidence ${key}, which is here`);
  return held;
}

/** Slices are taken as they lie: what looks like gzip in one is the record's own. */
async function* pieces(reader: PackageReader, name: string): AsyncGenerator<Uint8Array> {
  yield* reader.open(name);
}

function lineOf(text: string): IndexLine | null {
  let line: Partial<IndexLine> | null;
  try {
    line = JSON.parse(text) as Partial<IndexLine> | null;
  } catch {
    return null;
  }
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const { source, evidence, locator, sha256, bytes, slice } = line ?? {};
  const areTexts = [source, evidence, locator, sha256].every((value) => typeof value === 'string');
  const isSlice = slice === undefined || (isCount(slice?.at) && isCount(slice?.bytes));
  return areTexts && isCount(bytes) && isSlice ? (line as IndexLine) : null;
}
