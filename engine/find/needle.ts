/** What somebody typed to be found, made into what it is compared with. */

import { isIP } from 'node:net';
import { AkashiError } from '../../schema/error.ts';
import { ADDRESS_COLUMNS } from '../../tables/needle/columns.ts';
import { canonicalIp, foldCase, furtherForms, ipWords } from '../../tables/needle/forms.ts';
import type { TextTest } from '../../tables/parquet/read/texts.ts';

export interface Needle {
  /** As it is looked for, for people. */
  readonly text: string;
  /** Folded values whose fingerprints the index knows; null where it cannot help and all is read within bounds. */
  readonly indexed: string | null;
  /** Whether a column is looked at. */
  readonly covers: (column: string) => boolean;
  /** Whether a value of such a column is meant. */
  readonly test: TextTest;
  /** Between these two texts lie all values that are meant, as UTF-8 orders them; null where nothing is known. */
  readonly bounds: { readonly from: string; readonly to: string } | null;
  /** Spellings to seek in original texts. */
  readonly spellings: readonly string[];
}

const MOST_CHARACTERS = 4_096;

/**
 * Reads `192.0.2.1`, `192.0.2.1:443`, `[2001:db8::1]:443`, `192.0.2.1/32`, any spelling of an IPv6 address, GUIDs with or
 * without braces, ARNs, e-mails, names: one value, of which letter case does not count. `10.2.0.0/16` and `2001:db8::/32`
 * are ranges, `10.2.` and `alice*` beginnings. Throws FIND_VALUE.
 */
export function needleOf(typed: string): Needle {
  const text = typed.trim().toWellFormed();
  if (text === '' || text.length > MOST_CHARACTERS)
    throw new AkashiError(
      'FIND_VALUE',
      `what is to be found has 1 to ${MOST_CHARACTERS} characters, and this has ${text.length}.`,
    );
  const range = rangeOf(text);
  if (range !== null) return range;
  if (/^\d{1,3}\.(?:\d{1,3}\.){0,2}$/.test(text))
    return prefix(text, (column) => ADDRESS_COLUMNS.has(column));
  if (text.endsWith('*') && text.length > 1) return prefix(text.slice(0, -1), () => true);
  return exact(addressOf(text) ?? guidOf(text) ?? text, text);
}

/** The address alone, in its one short spelling; null for what is none. */
function addressOf(text: string): string | null {
  const [, bracketed, v4, plain] =
    /^(?:\[([0-9a-f:.]+)(?:%[^\]]*)?\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}|([0-9a-f:.]+)(?:\/(?:32|128))?)$/i.exec(
      text,
    ) ?? [];
  const ip = bracketed ?? v4 ?? plain;
  if (ip === undefined || isIP(ip) === 0) return null;
  // A /32 of IPv6 is a range.
  if (text.endsWith('/32') && isIP(ip) === 6) return null;
  return canonicalIp(ip.toLowerCase());
}

const guidOf = (text: string): string | null =>
  /^\{([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}$/i.exec(text)?.[1] ?? null;

/** A value, and every value that has it among its further forms. */
function exact(value: string, typed: string): Needle {
  const wanted = foldCase(value);
  const bytes = Buffer.from(wanted);
  // What values have `wanted` among their further forms: addresses in other spellings, or those that go on after it.
  const isAddress = isIP(wanted) !== 0;
  const next = HEADS.find(({ pattern }) => pattern.test(wanted))?.next;
  return {
    text: value,
    indexed: wanted,
    covers: () => true,
    bounds: null,
    test(body, start, end) {
      if (end - start === bytes.length && equalFolded(body, start, bytes)) return true;
      if (isAddress) {
        if (!mayBeIpv6(body, start, end)) return false;
      } else if (next === undefined || body[start + bytes.length] !== next) return false;
      else if (end - start <= bytes.length || !equalFolded(body, start, bytes)) return false;
      return furtherForms(foldCase(body.toString('utf8', start, end))).includes(wanted);
    },
    spellings: [...new Set([typed, value, wanted, wanted.toUpperCase()])],
  };
}

/** Forms that are the beginning of a longer value, and the byte that comes after it. */
const HEADS = [
  { pattern: /^arn:[a-z-]*:sts::\d*:assumed-role\/[^/]+$/, next: 0x2f },
  { pattern: /^a[a-z]{3}[a-z0-9]{12,28}$/, next: 0x3a },
] as const;

function mayBeIpv6(body: Buffer, start: number, end: number): boolean {
  if (end - start > 64) return false;
  for (let at = start; at < start + 5 && at < end; at++) if (body[at] === 0x3a) return true;
  return false;
}

function equalFolded(body: Buffer, start: number, wanted: Buffer): boolean {
  for (let at = 0; at < wanted.length; at++) {
    const byte = body[start + at]!;
    const small = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    if (small !== wanted[at]) return false;
  }
  return true;
}

function prefix(value: string, covers: (column: string) => boolean): Needle {
  const bytes = Buffer.from(foldCase(value));
  // Where letters may be written either way, order tells nothing.
  const hasLetters = /[a-z]/i.test(value);
  return {
    text: `${value}*`,
    indexed: null,
    covers,
    test: (body, start, end) => end - start >= bytes.length && equalFolded(body, start, bytes),
    bounds: hasLetters ? null : { from: value, to: `${value}\u{10ffff}` },
    spellings: [value],
  };
}

/** A network: addresses whose first bits are these; null for what is none, or one address alone. */
function rangeOf(text: string): Needle | null {
  const [, ip, size] = /^([0-9a-f:.]+)\/(\d{1,3})$/i.exec(text) ?? [];
  const words = ip === undefined ? null : ipWords(ip.toLowerCase());
  if (words === null || size === undefined) return null;
  const wordBits = words.length === 4 ? 8 : 16;
  const bits = Number(size);
  if (bits > words.length * wordBits)
    throw new AkashiError(
      'FIND_VALUE',
      `"${text}" is no network: there are ${words.length * wordBits} bits.`,
    );
  if (bits === words.length * wordBits) return null;
  const masked = words.map((word, at) => {
    const kept = Math.max(0, Math.min(wordBits, bits - at * wordBits));
    return word & ~((1 << (wordBits - kept)) - 1);
  });
  const inside = (other: readonly number[]) =>
    other.length === words.length &&
    masked.every((word, at) => {
      const kept = Math.max(0, Math.min(wordBits, bits - at * wordBits));
      return (other[at]! & ~((1 << (wordBits - kept)) - 1)) === word;
    });
  const whole =
    words.length === 4
      ? masked
          .slice(0, Math.floor(bits / 8))
          .map((word) => `${word}.`)
          .join('')
      : '';
  return {
    text: `${canonicalIp(words.length === 4 ? masked.join('.') : masked.map((word) => word.toString(16)).join(':'))}/${bits}`,
    indexed: null,
    covers: (column) => ADDRESS_COLUMNS.has(column),
    test(body, start, end) {
      if (end - start > 64) return false;
      const other = ipWords(canonicalIp(body.toString('latin1', start, end).toLowerCase()));
      return other !== null && inside(other);
    },
    // Addresses may be stored in any spelling: only the decimal one has an order that follows the network's.
    bounds: whole === '' ? null : { from: whole, to: `${whole}\u{10ffff}` },
    spellings: [],
  };
}
