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

/**
 * Whether `furtherForms` can say anything of a value, told from its first bytes: read for every value, so that the texts
 * of most are never made.
 */
export function mayHaveForms(data: DataView, start: number, length: number): boolean {
  if (length < 3) return false;
  const first = data.getUint8(start) | 0x20;
  if (first === 0x61 && length > 17) {
    // `arn:` or four letters of a principal's id.
    const fourth = data.getUint8(start + 3) | 0x20;
    if (data.getUint8(start + 3) === 0x3a || (fourth >= 0x61 && fourth <= 0x7a)) return true;
  }
  if (length > MAX_IP) return false;
  // The colon after the first group of an IPv6 address.
  for (let at = 0; at < 5 && at < length; at++) {
    const byte = data.getUint8(start + at);
    if (byte === 0x3a) return true;
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
