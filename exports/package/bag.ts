/** BagIt (RFC 8493, https://www.rfc-editor.org/rfc/rfc8493): what makes a set of files a bag, apart from how it is written. */

import { createHash } from 'node:crypto';

/** One file of a package, which can be read more than once. */
export interface BagFile {
  /** Path in the bag, `/` between folders. Chosen by our own code: letters, digits, `.`, `-`, `_` and `/` alone. */
  readonly name: string;
  readonly size: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /** Throws when what is there is not what `size` and `sha256` say. */
  open(): AsyncIterable<Uint8Array>;
}

export const PAYLOAD_FOLDER = 'data/';
export const MANIFEST = 'manifest-sha256.txt';
export const TAG_MANIFEST = 'tagmanifest-sha256.txt';
const DECLARATION = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** By bytes, so that it is the same order everywhere. */
export const inOrder = <F extends { readonly name: string }>(files: readonly F[]): F[] =>
  [...files].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

/** A file made of a text that is in memory. */
export function textFile(name: string, text: string | Uint8Array): BagFile {
  const bytes = Buffer.from(text);
  return {
    name,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    async *open() {
      yield bytes;
    },
  };
}

/** `<hash>  <path>` for each, as sha256sum writes and reads it. */
export const manifestText = (files: readonly BagFile[]): string =>
  inOrder(files)
    .map(({ name, sha256 }) => `${sha256}  ${name}\n`)
    .join('');

/** The manifest of the payload; its SHA-256 names the package. */
export const payloadManifest = (payload: readonly BagFile[]): BagFile =>
  textFile(MANIFEST, manifestText(payload));

/**
 * The whole bag in the order it is written: payload under `data/`, tag files beside it. `info` are the lines of
 * bag-info.txt; Payload-Oxum is added.
 */
export function bagOf(
  payload: readonly BagFile[],
  tags: readonly BagFile[],
  info: readonly (readonly [label: string, value: string])[],
): BagFile[] {
  const bytes = payload.reduce((sum, { size }) => sum + size, 0);
  const lines = [...info, ['Payload-Oxum', `${bytes}.${payload.length}`] as const];
  const all = [
    ...tags,
    textFile('bagit.txt', DECLARATION),
    textFile('bag-info.txt', lines.map(([label, value]) => `${label}: ${oneLine(value)}\n`).join('')),
    payloadManifest(payload),
  ];
  return inOrder([...payload, ...all, textFile(TAG_MANIFEST, manifestText(all))]);
}

/** A value stays on its line, whatever it is. */
const oneLine = (value: string): string => value.replaceAll(/\p{C}+/gu, ' ').trim();
