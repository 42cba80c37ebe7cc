/** Network addresses as log fields write them. */

import { isIP } from 'node:net';

export interface Address {
  /** IPv4 or IPv6 as written, without brackets, port or zone. */
  readonly ip: string;
  readonly port: number | null;
}

/** Host names and the rarer forms come again and again; telling them apart costs a microsecond. */
const known = new Map<string, Address | null>();
const KNOWN_LIMIT = 10_000;

/**
 * `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443`, `::ffff:192.0.2.1`; null for host names, service
 * names, `<null>`, `-`, `unknown`, `AWS Internal` and all else that fields of this kind are found to hold.
 */
export function parseAddress(value: unknown): Address | null {
  if (typeof value !== 'string' || value.length < 2 || value.length > 64) return null;
  if (isPlainV4(value)) return { ip: value, port: null };
  const remembered = known.get(value);
  if (remembered !== undefined) return remembered;
  const parsed = read(value.trim());
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(value, parsed);
  return parsed;
}

/** The address alone. */
export function ipOf(value: unknown): string | null {
  return parseAddress(value)?.ip ?? null;
}

/** The address that stands in `line[start, end)`, alone; null for anything else. */
export function ipIn(line: string, start: number, end: number): string | null {
  const address = parseAddress(line.substring(start, end));
  return address === null || address.port !== null ? null : address.ip;
}

/** Four decimal numbers up to 255 without leading zeros. */
function isPlainV4(text: string): boolean {
  const { length } = text;
  if (length < 7 || length > 15) return false;
  let dots = 0;
  let digits = 0;
  let octet = 0;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) {
      if (digits === 0) return false;
      dots++;
      digits = 0;
      octet = 0;
      continue;
    }
    if (code < 0x30 || code > 0x39 || (digits > 0 && octet === 0)) return false;
    digits++;
    octet = octet * 10 + code - 0x30;
    if (octet > 255) return false;
  }
  return dots === 3 && digits > 0;
}

function read(text: string): Address | null {
  if (isIP(text) !== 0) return { ip: unmapped(text), port: null };
  const bracketed = /^\[([0-9a-fA-F:.]+)(?:%[^\]]*)?\](?::(\d{1,5}))?$/.exec(text);
  if (bracketed !== null && isIP(bracketed[1]!) === 6) {
    return { ip: unmapped(bracketed[1]!), port: portOf(bracketed[2]) };
  }
  const withPort = /^(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})$/.exec(text);
  if (withPort !== null && isIP(withPort[1]!) === 4) return { ip: withPort[1]!, port: portOf(withPort[2]) };
  const mask = /^([0-9a-fA-F:.]+)\/(?:32|128)$/.exec(text);
  if (mask !== null && isIP(mask[1]!) !== 0) return { ip: unmapped(mask[1]!), port: null };
  return null;
}

/** An IPv4 address wrapped in IPv6 is the IPv4 address to whoever searches for it. */
function unmapped(ip: string): string {
  const v4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(ip);
  return v4 === null ? ip : v4[1]!;
}

function portOf(text: string | undefined): number | null {
  const port = Number(text);
  return text !== undefined && port <= 65_535 ? port : null;
}
