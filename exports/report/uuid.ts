/** UUIDs by name (version 5, https://www.rfc-editor.org/rfc/rfc9562#section-5.5): the same name gives the same one. */

import { createHash } from 'node:crypto';

/** Of this project's reports; made once at random. */
const NAMESPACE = Buffer.from('5b1f3a0ec7d24f0f9d3c6a2be48107d5', 'hex');

export function uuidOf(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
