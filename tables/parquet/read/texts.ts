/** Text values of a chunk: which rows have one that passes a test, and what stands in given rows. */

import { PAGE } from '../format.ts';
import { damagedChunk, isCoded, isDictionary, levelsOf, pagesOf, type RawPage, readHybrid } from './pages.ts';

/** Says whether the value in `[start, end)` passes. */
export type TextTest = (bytes: Buffer, start: number, end: number) => boolean;

/** Where PLAIN values stand in a page: starts, and one end more. */
interface Places {
  readonly body: Buffer;
  readonly starts: Uint32Array;
}

const LENGTH_BYTES = 4;

function placesOf(body: Buffer, from: number, count: number): Places {
  const starts = new Uint32Array(count + 1);
  let at = from;
  for (let value = 0; value < count; value++) {
    starts[value] = at;
    if (at + LENGTH_BYTES > body.length) throw damagedChunk('a page ends early');
    at += LENGTH_BYTES + body.readUInt32LE(at);
  }
  starts[count] = at;
  if (at > body.length) throw damagedChunk('a page ends early');
  return { body, starts };
}

const textAt = ({ body, starts }: Places, value: number): string =>
  body.toString('utf8', starts[value]! + LENGTH_BYTES, starts[value + 1]!);

const passes = ({ body, starts }: Places, value: number, test: TextTest): boolean =>
  test(body, starts[value]! + LENGTH_BYTES, starts[value + 1]!);

/** A data page with its values: numbers of dictionary entries, or where they stand. */
interface TextPage {
  readonly repetition: Uint8Array | null;
  readonly definition: Uint8Array;
  readonly present: number;
  readonly codes: Uint32Array | null;
  readonly places: Places | null;
}

function textPage(page: RawPage, present: number, dictionary: Places | null): TextPage {
  const isList = present === 3;
  const { repetition, definition, valuesAt } = levelsOf(page, isList);
  let count = 0;
  for (const level of definition) if (level === present) count++;
  if (!isCoded(page))
    return { repetition, definition, present, codes: null, places: placesOf(page.body, valuesAt, count) };
  if (dictionary === null) throw damagedChunk('a page names a dictionary that is not there');
  const codes = new Uint32Array(count);
  if (count > 0) readHybrid(page.body, valuesAt + 1, page.body.length, page.body[valuesAt] ?? 0, codes);
  const entries = dictionary.starts.length - 1;
  for (const code of codes) if (code >= entries) throw damagedChunk('a value is not in the dictionary');
  return { repetition, definition, present, codes, places: null };
}

/** Definition level of a slot that holds a value. */
const presentLevel = (isList: boolean): number => (isList ? 3 : 1);

/** Numbers of the rows of the group, ascending, of which a value passes. Throws DATA_ALTERED. */
export function rowsWith(chunk: Buffer, isList: boolean, test: TextTest): number[] {
  const rows: number[] = [];
  let dictionary: Places | null = null;
  let good: Uint8Array | null = null;
  let row = -1;
  for (const page of pagesOf(chunk)) {
    if (page.type === PAGE.DICTIONARY) {
      if (!isDictionary(page)) throw damagedChunk('a dictionary is none of ours');
      dictionary = placesOf(page.body, 0, page.values);
      good = new Uint8Array(page.values);
      let any = false;
      for (let entry = 0; entry < page.values; entry++) {
        if (!passes(dictionary, entry, test)) continue;
        good[entry] = 1;
        any = true;
      }
      // All data pages of a chunk with a dictionary use it.
      if (!any) return rows;
      continue;
    }
    const { repetition, definition, present, codes, places } = textPage(
      page,
      presentLevel(isList),
      dictionary,
    );
    let value = 0;
    for (let slot = 0; slot < definition.length; slot++) {
      if (repetition === null || repetition[slot] === 0) row++;
      if (definition[slot] !== present) continue;
      const hit = codes === null ? passes(places!, value, test) : good![codes[value]!] === 1;
      value++;
      if (hit && rows.at(-1) !== row) rows.push(row);
    }
  }
  return rows;
}

/** Every different value that a chunk holds; some more than once where it has no dictionary. */
export function* valuesIn(chunk: Buffer, isList: boolean): Generator<string> {
  for (const page of pagesOf(chunk)) {
    const places: Places | null =
      page.type === PAGE.DICTIONARY
        ? placesOf(page.body, 0, page.values)
        : textPage(page, presentLevel(isList), null).places;
    if (places === null) return;
    for (let value = 0; value < places.starts.length - 1; value++) yield textAt(places, value);
    if (page.type === PAGE.DICTIONARY) return;
  }
}

/** What stands in these rows (ascending): a text, for a list its elements, or null. Throws DATA_ALTERED. */
export function textsAt(
  chunk: Buffer,
  isList: boolean,
  wanted: readonly number[],
): (string | string[] | null)[] {
  const found: (string | string[] | null)[] = wanted.map(() => null);
  let dictionary: Places | null = null;
  /** Entries of the dictionary that were come to. */
  let entries: (string | undefined)[] = [];
  const entry = (code: number): string => {
    const known = entries[code] ?? textAt(dictionary!, code);
    entries[code] = known;
    return known;
  };
  let row = -1;
  let next = 0;
  for (const page of pagesOf(chunk)) {
    if (page.type === PAGE.DICTIONARY) {
      dictionary = placesOf(page.body, 0, page.values);
      entries = [];
      continue;
    }
    const { repetition, definition, present, codes, places } = textPage(
      page,
      presentLevel(isList),
      dictionary,
    );
    let value = 0;
    for (let slot = 0; slot < definition.length; slot++) {
      if (repetition === null || repetition[slot] === 0) {
        row++;
        while (next < wanted.length && wanted[next]! < row) next++;
      }
      const holds = definition[slot] === present;
      if (next < wanted.length && wanted[next] === row) {
        // An empty list has a slot of its own.
        if (isList && definition[slot]! > 0) found[next] ??= [];
        if (holds) {
          const text = codes === null ? textAt(places!, value) : entry(codes[value]!);
          if (isList) (found[next] as string[]).push(text);
          else found[next] = text;
        }
      }
      if (holds) value++;
    }
    if (next >= wanted.length) break;
  }
  return found;
}

/** The UTF-8 of every row of a flat column, or null: parts of the pages, not copies. Throws DATA_ALTERED. */
export function textBytes(chunk: Buffer, rows: number): (Uint8Array | null)[] {
  const found: (Uint8Array | null)[] = [];
  let dictionary: Places | null = null;
  for (const page of pagesOf(chunk)) {
    if (page.type === PAGE.DICTIONARY) {
      dictionary = placesOf(page.body, 0, page.values);
      continue;
    }
    const { definition, present, codes, places } = textPage(page, presentLevel(false), dictionary);
    let value = 0;
    for (const level of definition) {
      if (level !== present) {
        found.push(null);
        continue;
      }
      const { body, starts } = codes === null ? places! : dictionary!;
      const at = codes === null ? value : codes[value]!;
      found.push(body.subarray(starts[at]! + LENGTH_BYTES, starts[at + 1]!));
      value++;
    }
  }
  if (found.length !== rows) throw damagedChunk('it has another number of rows than its file says');
  return found;
}
