/** Under which forms a value is found: as it stands, and under a few that people type for it. Letter case never counts. */

import { isIP } from 'node:net';

/** Only ASCII letters: what folds otherwise differs from one version of Unicode to the next. */
export const foldCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** `arn:aws:sts::…:assumed-role/role/session` → without the session. */
const ASSUMED_ROLE = /^(arn:[a-z-]*:sts::\d*:assumed-role\/[^/]+)\/./s;
/** `AROA…:session` → the id alone. */
const PRINCIPAL = /^(a[a-z]{3}[a-z0-9]{12,28}):./s;
const MAX_IP = 45;

/** Further forms of a folded text by which it is found; seldom any. */
export function furtherForms(folded: string): readonly string[] {
  const head = ASSUMED_ROLE.exec(folded) ?? PRINCIPAL.exec(folded);
  if (head !== null) return [head[1]!];
  if (folded.length > MAX_IP || !folded.includes(':') || isIP(folded) !== 6) return [];
  const canonical = canonicalIp(folded);
  return canonical === folded ? [] : [canonical];
}

/** The shortest form is a principal's id of 16 characters, and something comes after it. */
const LEAST_HEAD = 17;

/**
 * Where the form ends that is the beginning of the value in [start, end), as `furtherForms` finds it; -1 where there is
 * none. In bytes, since it is asked of every value.
 */
export function headEnd(data: DataView, start: number, end: number): number {
  if (end - start <= LEAST_HEAD - 1 || (data.getUint8(start) | 0x20) !== 0x61) return -1;
  return data.getUint8(start + 3) === COLON ? roleEnd(data, start, end) : principalEnd(data, start, end);
}

const COLON = 0x3a;
const SLASH = 0x2f;

function roleEnd(data: DataView, start: number, end: number): number {
  if ((data.getUint8(start + 1) | 0x20) !== 0x72 || (data.getUint8(start + 2) | 0x20) !== 0x6e) return -1;
  let at = start + 4;
  while (at < end && isPartition(data.getUint8(at))) at++;
  for (const expected of STS)
    if (at >= end || (data.getUint8(at++) | (expected > 0x40 ? 0x20 : 0)) !== expected) return -1;
  while (at < end && data.getUint8(at) >= 0x30 && data.getUint8(at) <= 0x39) at++;
  for (const expected of ROLE)
    if (at >= end || (data.getUint8(at++) | (expected > 0x40 ? 0x20 : 0)) !== expected) return -1;
  const role = at;
  while (at < end && data.getUint8(at) !== SLASH) at++;
  return at > role && at + 1 < end ? at : -1;
}

/** What stands between `arn:` and the account: letters and hyphens, then this. */
const STS = Buffer.from(':sts::');
const ROLE = Buffer.from(':assumed-role/');
const isPartition = (byte: number): boolean =>
  byte === 0x2d || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);

function principalEnd(data: DataView, start: number, end: number): number {
  const last = Math.min(end - 1, start + 32);
  for (let at = start + 1; at <= last; at++) {
    const byte = data.getUint8(at);
    if (byte === COLON) return at - start >= 16 && at + 1 < end ? at : -1;
    const letter = byte | 0x20;
    const isLetter = letter >= 0x61 && letter <= 0x7a && byte >= 0x41;
    if (!isLetter && (at < start + 4 || byte < 0x30 || byte > 0x39)) return -1;
  }
  return -1;
}

/** Whether the bytes may be an IPv6 address: the first group of hexadecimal digits ends in a colon. */
export function mayBeIpv6(data: DataView, start: number, end: number): boolean {
  if (end - start > MAX_IP || end - start < 2) return false;
  for (let at = start; at < start + 5 && at < end; at++) {
    const byte = data.getUint8(at);
    if (byte === COLON) return true;
    const letter = byte | 0x20;
    if (!((byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66))) return false;
  }
  return false;
}

/** An address in its one short spelling (RFC 5952); an IPv4 address wrapped in IPv6 is the IPv4 address. */
export function canonicalIp(ip: string): string {
  const words = ipWords(ip);
  if (words === null) return ip;
  if (words.length === 4) return words.join('.');
  const wrapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  if (wrapped) return [words[6]! >> 8, words[6]! & 255, words[7]! >> 8, words[7]! & 255].join('.');
  let [best, length] = [-1, 1];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && words[end] === 0) end++;
    if (end - at > length) [best, length] = [at, end - at];
    if (end > at) at = end - 1;
  }
  const hex = (from: number, to: number) =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':');
  return best < 0 ? hex(0, 8) : `${hex(0, best)}::${hex(best + length, 8)}`;
}

/** The four bytes of an IPv4 address or the eight 16-bit words of an IPv6 one; null for anything else. A zone does not count. */
export function ipWords(text: string): number[] | null {
  const ip = text.replace(/%.*$/s, '');
  const version = isIP(ip);
  if (version === 0) return null;
  if (version === 4) return ip.split('.').map(Number);
  const quad = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip);
  const plain =
    quad === null
      ? ip
      : quad[1]! +
        [Number(quad[2]) * 256 + Number(quad[3]), Number(quad[4]) * 256 + Number(quad[5])]
          .map((word) => word.toString(16))
          .join(':');
  const [left = '', right] = plain.split('::');
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  if (right === undefined) return read(left);
  const [a, b] = [read(left), read(right)];
  return [...a, ...new Array<number>(8 - a.length - b.length).fill(0), ...b];
}
