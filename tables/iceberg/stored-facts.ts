/** Facts of a data file of the lake, from its footer as it was sealed. */

import { hash } from 'node:crypto';
import { AkashiError } from '../../schema/error.ts';
import { makeKey, parseKey } from '../../vault/keys.ts';
import type { VaultStore } from '../../vault/store.ts';
import type { DataFileEntry } from '../file-list.ts';
import type { FileFacts } from './data-file.ts';
import { factsOfFooter } from './file-facts.ts';

/**
 * What a manifest says of a data file. Throws DATA_ALTERED when the footer, or the hashes beside the file by which it is
 * checked, are not those that were sealed; and what reading throws.
 */
export async function storedFacts(vault: VaultStore, entry: DataFileEntry): Promise<FileFacts> {
  const facts = factsOfFooter(await readFooter(vault, entry), entry.bytes);
  if (facts.rows !== entry.rows) throw altered(entry.key, `it holds ${facts.rows} rows, not ${entry.rows}`);
  return facts;
}

async function readFooter(vault: VaultStore, { key, ranges }: DataFileEntry): Promise<Uint8Array> {
  const { body } = await vault.get(besideOf(key));
  if (hash('sha256', body, 'hex') !== ranges)
    throw altered(key, 'the hashes beside it are not those that were sealed');
  const { footer } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    readonly footer: { readonly offset: number; readonly length: number; readonly sha256: string };
  };
  const bytes = await vault.getRange(key, footer.offset, footer.offset + footer.length);
  if (hash('sha256', bytes, 'hex') === footer.sha256) return bytes;
  throw altered(key, 'its footer is not the one that was sealed');
}

/** Key of the file's hashes. Throws DATA_ALTERED for what is no key of a data file. */
function besideOf(key: string): string {
  const parts = parseKey(key);
  if (parts?.class === 'data' || parts?.class === 'compacted') {
    const { class: kind, ...file } = parts;
    return makeKey(kind === 'data' ? 'ranges' : 'compactedRanges', file);
  }
  throw altered(key, 'it is no data file');
}

const altered = (key: string, what: string): AkashiError =>
  new AkashiError('DATA_ALTERED', `"${key}" cannot be exported: ${what}. Run \`akashi verify --deep\`.`);
