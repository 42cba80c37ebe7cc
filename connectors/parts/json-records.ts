/**
 * Splits a JSON body into records with byte ranges, streaming: one value, NDJSON, concatenated values, a bare array, or
 * an object with the records in a named member. A record that is broken is reported with its range and the rest goes on.
 */

import type { ProblemCode, RecordSink, Splitter } from '../contract.ts';
import { BodyWindow } from './body-window.ts';
import { BROKEN_RAW_BYTES, MAX_RECORD_BYTES } from './limits.ts';

export interface JsonShape {
  /** Top-level members whose array elements are the records, e.g. `Records`. */
  readonly containers: readonly string[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const NEWLINE = 0x0a;

/** Bytes that matter outside strings: quotes, brackets and line ends. */
const STRUCTURAL = new Uint8Array(256);
for (const byte of [QUOTE, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, NEWLINE])
  STRUCTURAL[byte] = 1;

/** Bytes that end a run inside a string: the closing quote, an escape, or a line end, which JSON forbids there. */
const STRING_STOP = new Uint8Array(256);
for (const byte of [QUOTE, BACKSLASH, NEWLINE]) STRING_STOP[byte] = 1;

/** Bytes that end a number, true, false or null. */
const SCALAR_END = new Uint8Array(256);
for (const byte of [
  COMMA,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  NEWLINE,
  0x20,
  0x09,
  0x0d,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
]) {
  SCALAR_END[byte] = 1;
}

/** Bytes that end text which is no JSON: the line end, inside an array also what separates its elements. */
const GARBAGE_END = new Uint8Array(256);
GARBAGE_END[NEWLINE] = 1;
const GARBAGE_END_IN_ARRAY = new Uint8Array(256);
for (const byte of [NEWLINE, COMMA, CLOSE_BRACKET]) GARBAGE_END_IN_ARRAY[byte] = 1;

/** Separators between values: white space, commas, RFC 7464 record separators, a byte-order mark's bytes. */
const BETWEEN = new Uint8Array(256);
for (const byte of [0x20, 0x09, 0x0d, NEWLINE, COMMA, 0x1e, 0xef, 0xbb, 0xbf]) BETWEEN[byte] = 1;

/** How many bytes may be read again, over the body's own, while looking for the next record after broken ones. */
const RESCAN_ALLOWANCE = 64 * 2 ** 20;

/** Longest run of white space and commas between records by which the next one is guessed, bytes. */
const LONGEST_SEPARATOR = 64;

/** How many right guesses one wrong one outweighs: it costs some 10 µs. */
const TRUST_LOST = 16;
const MOST_TRUST = 1000;

export function jsonRecords(sink: RecordSink, shape: JsonShape): Splitter {
  return new JsonSplitter(sink, shape);
}

class JsonSplitter implements Splitter {
  readonly #sink: RecordSink;
  readonly #containerNames: readonly string[];
  readonly #containers: readonly Buffer[];
  readonly #window = new BodyWindow();

  /** Next byte to read, index into the window. */
  #at = 0;
  /** First byte of the value being read, or -1 between values. */
  #start = -1;
  /** Whether values are elements of an array of records rather than top-level ones. */
  #inArray = false;
  /** Whether that array is a member of a container object, still open around it. */
  #inContainer = false;
  /** Whether the top-level object read so far has held a container member. */
  #isContainer = false;

  #depth = 0;
  #inString = false;
  #scalar = false;
  /** Inside text that is no JSON value, up to where the next one may start. */
  #garbage = false;
  /** Set once the value has held a line end, so that only its first one can mean "cut short". */
  #sawNewline = false;
  /** Set when the value has grown past MAX_RECORD_BYTES: read on without keeping it. */
  #tooLarge = false;
  #tooLargeFrom = 0;
  #rescanned = 0;

  /** What stood between the last two records: `},{"eventVersion"`. Null until two records began alike. */
  #boundary: Buffer | null = null;
  /** Where it stands next: looked for once, however many records end before it. */
  #nextBoundary = -1;
  /** The first line end that is not before the value being read. */
  #nextNewline = -1;
  /** Index after the last record, or below 0 when that is gone. */
  #lastEnd = -1;
  /** Falls with every boundary that was none; guessing ends at 0. */
  #trust = TRUST_LOST;

  /** Bounds of the last string that ended at depth 1 of a top-level object, and whether a colon may follow it. */
  #keyStart = -1;
  #keyEnd = -1;

  constructor(sink: RecordSink, shape: JsonShape) {
    this.#sink = sink;
    this.#containerNames = shape.containers;
    this.#containers = shape.containers.map((name) => Buffer.from(`"${name}"`));
  }

  push(chunk: Uint8Array): void {
    const keepFrom = this.#start >= 0 ? this.#start : this.#at;
    this.#window.append(chunk, keepFrom);
    this.#at -= keepFrom;
    this.#keyStart -= keepFrom;
    this.#keyEnd -= keepFrom;
    this.#lastEnd -= keepFrom;
    this.#nextBoundary = this.#nextNewline = -1;
    if (this.#start >= 0) this.#start = 0;
    this.#scan();
    if (this.#start >= 0 && this.#at - this.#start > MAX_RECORD_BYTES) this.#giveUpKeeping();
  }

  end(): void {
    const cut = this.#start >= 0;
    while (this.#start >= 0) {
      const { length } = this.#window;
      if (this.#scalar) {
        this.#emitScalar(this.#start, length);
        this.#at = length;
      } else if (this.#garbage) {
        this.#emitGarbage(length);
        this.#at = length;
      } else if (this.#tooLarge) {
        this.#brokenTooLarge(length);
        this.#start = -1;
      } else if (this.#isContainer && !this.#inArray && this.#depth === 1) {
        // The closing brace of a container is missing, after all its records were read.
        this.#broken(length, length, 'truncated', 'the body ends before its last closing brace');
        this.#start = -1;
      } else {
        this.#recover(length, 'truncated', 'the body ends inside this record');
      }
      this.#scan();
    }
    // A record cut short says it already.
    if (this.#inArray && !cut) {
      const { length } = this.#window;
      this.#broken(length, length, 'truncated', 'the body ends inside its array of records');
      this.#inArray = false;
    }
  }

  #scan(): void {
    for (;;) {
      if (this.#start < 0) {
        if (!this.#findStart()) return;
        if (this.#leap()) continue;
      }
      if (!this.#readValue()) return;
    }
  }

  /**
   * Guesses where the record ends: before the next boundary like the last one. When what lies before it is a JSON
   * object the guess was right, since no object is the beginning of another; otherwise the record is read byte by byte.
   * Finding boundaries costs a tenth of that. Gives what reading gives, or false.
   */
  #leap(): boolean {
    const boundary = this.#boundary;
    const start = this.#start;
    if (boundary === null || this.#depth !== 0 || this.#nextBoundary >= start) return false;
    const { bytes, length } = this.#window;
    const found = bytes.indexOf(boundary, start);
    const isFound = found > start && found + boundary.length <= length;
    this.#nextBoundary = isFound ? found : length;
    if (!isFound) return false;
    const end = found + 1;
    if (this.#nextNewline < start) {
      const newline = bytes.indexOf(NEWLINE, start);
      this.#nextNewline = newline < 0 ? length : newline;
    }
    // A line that starts with a brace inside a record is for `readValue` to judge.
    if (this.#nextNewline < end && bytes[this.#nextNewline + 1] === OPEN_BRACE) return false;
    const raw = this.#window.text(start, end);
    const value = parsed(raw);
    if (value === undefined || (!this.#inArray && this.#holdsContainer(value as object))) {
      this.#trust -= TRUST_LOST;
      if (this.#trust <= 0) this.#boundary = null;
      return false;
    }
    this.#trust = Math.min(this.#trust + 1, MOST_TRUST);
    this.#start = -1;
    this.#at = this.#lastEnd = end;
    this.#hand(raw, value, start, end);
    return true;
  }

  #holdsContainer(value: object): boolean {
    return this.#containerNames.some((name) => Object.hasOwn(value, name));
  }

  /** Remembers what lay between this record and the one before. */
  #learnBoundary(start: number, end: number): void {
    const { bytes } = this.#window;
    const from = this.#lastEnd - 1;
    this.#lastEnd = end;
    if (this.#trust <= 0 || from < 0 || start - from > LONGEST_SEPARATOR || bytes[from] !== CLOSE_BRACE)
      return;
    const member = firstMember(bytes.subarray(start, end));
    this.#boundary = member === null ? null : Buffer.copyBytesFrom(bytes, from, start - from + member.length);
  }

  /** Moves to the first byte of the next value; false when the window ends first. */
  #findStart(): boolean {
    const { bytes, length } = this.#window;
    let at = this.#at;
    for (; at < length; at++) {
      const byte = bytes[at]!;
      if (BETWEEN[byte] === 1) continue;
      if (this.#inArray && byte === CLOSE_BRACKET) {
        this.#inArray = false;
        if (!this.#inContainer) continue;
        // Back inside the container object: read on to its end, keeping nothing.
        this.#inContainer = false;
        this.#begin(at, 1);
        this.#at = at + 1;
        return true;
      }
      if (!this.#inArray && byte === OPEN_BRACKET) {
        this.#inArray = true;
        this.#inContainer = false;
        continue;
      }
      if (!this.#inArray) this.#isContainer = false;
      this.#begin(at, 0);
      this.#at = at;
      return true;
    }
    this.#at = at;
    return false;
  }

  #begin(start: number, depth: number): void {
    this.#start = start;
    this.#depth = depth;
    this.#inString = false;
    this.#scalar = false;
    this.#garbage = false;
    this.#sawNewline = false;
    this.#tooLarge = false;
    this.#keyStart = this.#keyEnd = -1;
  }

  /** Reads on to the end of the value and hands it over; false when the window ends first. */
  #readValue(): boolean {
    const { bytes, length } = this.#window;
    let at = this.#at;
    let depth = this.#depth;
    while (at < length) {
      if (this.#inString) {
        while (at < length && STRING_STOP[bytes[at]!] === 0) at++;
        if (at >= length) break;
        const byte = bytes[at]!;
        if (byte === BACKSLASH) {
          // An escape cut by the chunk's end: come back to the backslash with the next chunk.
          if (at + 1 >= length) break;
          at += 2;
          continue;
        }
        if (byte === NEWLINE) {
          this.#at = at;
          this.#depth = depth;
          return this.#resync(at, 'a string holds a line end, which JSON does not allow');
        }
        at++;
        this.#inString = false;
        if (depth === 1 && !this.#inArray) this.#keyEnd = at;
        if (depth === 0) {
          this.#at = at;
          this.#emit(this.#start, at);
          return true;
        }
        continue;
      }
      if (this.#scalar) {
        while (at < length && SCALAR_END[bytes[at]!] === 0) at++;
        if (at >= length) break;
        this.#at = at;
        this.#emitScalar(this.#start, at);
        return true;
      }
      if (this.#garbage) {
        const stop = this.#inArray ? GARBAGE_END_IN_ARRAY : GARBAGE_END;
        while (at < length && stop[bytes[at]!] === 0) at++;
        if (at >= length) break;
        this.#at = at;
        this.#emitGarbage(at);
        return true;
      }
      if (depth === 1 && !this.#inArray) {
        // Members of a top-level object: a colon after a known name may open the array of records.
        const opened = this.#readMember(at);
        if (opened === 'array') return true;
        if (opened === 'more') break;
      }
      if (depth === 0) {
        const byte = bytes[at]!;
        if (STRUCTURAL[byte] === 0) {
          this.#scalar = true;
          continue;
        }
      } else {
        while (at < length && STRUCTURAL[bytes[at]!] === 0) at++;
        if (at >= length) break;
      }
      const byte = bytes[at]!;
      switch (byte) {
        case QUOTE:
          if (depth === 1 && !this.#inArray) this.#keyStart = at;
          this.#inString = true;
          at++;
          break;
        case OPEN_BRACE:
        case OPEN_BRACKET:
          depth++;
          at++;
          break;
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          at++;
          if (depth === 0) {
            // A stray closing bracket between values.
            this.#at = at;
            this.#broken(this.#start, at, 'invalid_json', 'a closing bracket without its opening one');
            this.#start = -1;
            return true;
          }
          depth--;
          if (depth === 0) {
            this.#at = at;
            this.#depth = 0;
            this.#emit(this.#start, at);
            return true;
          }
          break;
        case NEWLINE:
          if (!this.#sawNewline) {
            if (at + 1 >= length) {
              // Whether this is a cut record shows in the next byte.
              this.#at = at;
              this.#depth = depth;
              return false;
            }
            this.#sawNewline = true;
            if (
              bytes[at + 1] === OPEN_BRACE &&
              depth > 0 &&
              bytes[this.#start] === OPEN_BRACE &&
              !this.#isContainer
            ) {
              this.#at = at;
              this.#depth = depth;
              return this.#resync(at, 'the line ends inside this record and the next line starts another');
            }
          }
          at++;
          break;
      }
    }
    this.#at = at;
    this.#depth = depth;
    return false;
  }

  /**
   * At depth 1, outside strings. 'array' when a container's `[` was entered, 'more' when the window ends before that can
   * be told, 'no' otherwise.
   */
  #readMember(at: number): 'array' | 'more' | 'no' {
    if (this.#keyEnd < 0 || this.#keyStart < 0) return 'no';
    const { bytes, length } = this.#window;
    if (!this.#isContainerKey(this.#keyStart, this.#keyEnd)) {
      this.#keyEnd = -1;
      return 'no';
    }
    let next = this.#keyEnd;
    let colons = 0;
    for (; next < length; next++) {
      const byte = bytes[next]!;
      if (byte === COLON && colons === 0) colons++;
      else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== NEWLINE) break;
    }
    if (next >= length) {
      this.#at = at;
      return 'more';
    }
    this.#keyEnd = -1;
    if (colons === 0) return 'no';
    if (bytes[next] === OPEN_BRACKET) {
      this.#isContainer = true;
      this.#inArray = true;
      this.#inContainer = true;
      this.#start = -1;
      this.#at = next + 1;
      return 'array';
    }
    // `"Records": null` is a container with nothing in it.
    if (bytes[next] === 0x6e) this.#isContainer = true;
    return 'no';
  }

  #isContainerKey(start: number, end: number): boolean {
    const { bytes } = this.#window;
    for (const name of this.#containers) {
      if (name.length === end - start && name.equals(bytes.subarray(start, end))) return true;
    }
    return false;
  }

  /** Hands over `[start, end)` as a record, or says what is wrong with it. */
  #emit(start: number, end: number): void {
    this.#start = -1;
    if (this.#tooLarge) {
      this.#brokenTooLarge(end);
      return;
    }
    if (this.#isContainer && !this.#inArray) return;
    const raw = this.#window.text(start, end);
    let value: unknown;
    try {
      value = JSON.parse(raw);
    } catch (error) {
      this.#start = start;
      this.#recover(end, 'invalid_json', describe(error));
      return;
    }
    this.#learnBoundary(start, end);
    this.#hand(raw, value, start, end);
  }

  #hand(raw: string, value: unknown, start: number, end: number): void {
    const bytes = this.#window.exact(start, end);
    const locator = this.#locator(start, end);
    this.#sink.record({ raw, bytes, value, locator: bytes === null ? `${locator};rebuilt` : locator });
  }

  /** A number, true, false or null; anything else is garbage up to the line's end. */
  #emitScalar(start: number, end: number): void {
    this.#scalar = false;
    if (isScalar(this.#window.text(start, end))) this.#emit(start, end);
    else this.#garbage = true;
  }

  #emitGarbage(end: number): void {
    this.#garbage = false;
    this.#broken(this.#start, end, 'invalid_json', 'not JSON: text where a record should start');
    this.#start = -1;
  }

  /** A line end where none may be: the record ends here, broken, and the next line starts afresh. */
  #resync(newline: number, problem: string): boolean {
    this.#broken(this.#start, newline, 'invalid_json', problem);
    this.#start = -1;
    this.#at = newline + 1;
    return true;
  }

  /**
   * The value from `#start` to `end` cannot be read. Records of one body begin alike (`{"eventVersion"`), so the next
   * place that begins like this one is taken as the next record; without one everything up to `end` is broken.
   */
  #recover(end: number, code: ProblemCode, problem: string): void {
    const start = this.#start;
    const { bytes } = this.#window;
    this.#start = -1;
    this.#at = end;
    const signature = firstMember(bytes.subarray(start, end));
    if (signature !== null && this.#rescanned < RESCAN_ALLOWANCE) {
      const next = bytes.subarray(0, end).indexOf(signature, start + 1);
      if (next > 0) {
        this.#rescanned += end - next;
        this.#broken(start, next, code, problem);
        this.#at = next;
        return;
      }
    }
    this.#broken(start, end, code, problem);
  }

  #giveUpKeeping(): void {
    if (!this.#tooLarge) {
      this.#tooLarge = true;
      this.#tooLargeFrom = this.#window.base + this.#start;
    }
    this.#start = this.#at;
  }

  #brokenTooLarge(end: number): void {
    this.#tooLarge = false;
    this.#sink.broken({
      locator: `bytes=${this.#tooLargeFrom}-${this.#window.base + end}`,
      code: 'record_too_large',
      path: '',
      problem: `the record is longer than ${MAX_RECORD_BYTES} bytes, the most that is read as one`,
      raw: '',
    });
  }

  #broken(start: number, end: number, code: ProblemCode, problem: string): void {
    const shown = Math.min(end, start + BROKEN_RAW_BYTES);
    this.#sink.broken({
      locator: this.#locator(start, end),
      code,
      path: '',
      problem,
      raw: this.#window.text(start, shown).trimEnd(),
    });
  }

  #locator(start: number, end: number): string {
    const { base } = this.#window;
    return `bytes=${base + start}-${base + end}`;
  }
}

/** `{"name"` as it stands at the start of an object, or null when it is no object with a member. */
function firstMember(bytes: Buffer): Buffer | null {
  if (bytes[0] !== OPEN_BRACE) return null;
  const open = bytes.indexOf(QUOTE);
  if (open < 0 || open > 64) return null;
  const close = bytes.indexOf(QUOTE, open + 1);
  return close < 0 || close > 256 ? null : bytes.subarray(0, close + 1);
}

const isScalar = (text: string): boolean => parsed(text) !== undefined;

/** The value, or undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** V8's message without the position in a slice that nobody else sees. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `not JSON: ${message
    .replace(/, ".*$/s, '')
    .replace(/ in JSON at position.*$/s, '')
    .slice(0, 200)}`;
}
