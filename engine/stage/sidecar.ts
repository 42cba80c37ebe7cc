/** The hashes of a data file's parts, as the file beside it holds them and the ledger commits to. */

import { AkashiError } from '../../schema/error.ts';

export interface Part {
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  readonly sha256: string;
}

export interface PartHashes {
  /** Of the whole file, bytes. */
  readonly size: number;
  readonly footer: Part;
  /** By offset: column chunks and bloom filters. */
  readonly parts: ReadonlyMap<number, Part>;
}

/** Throws DATA_ALTERED for bytes that are no such file; they are of their sealed hash, so it was sealed wrong. */
export function readPartHashes(bytes: Uint8Array, key: string): PartHashes {
  try {
    const { size, footer, rowGroups } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
      readonly size: number;
      readonly footer: Part;
      readonly rowGroups: readonly {
        readonly chunks: readonly (readonly [
          string,
          number,
          number,
          string,
          (readonly [number, number, string])?,
        ])[];
      }[];
    };
    const parts = new Map<number, Part>();
    const add = (offset: number, length: number, sha256: string) =>
      parts.set(offset, { offset, length, sha256 });
    for (const [, offset, length, sha256, bloom] of rowGroups.flatMap(({ chunks }) => chunks)) {
      add(offset, length, sha256);
      if (bloom !== undefined) add(...bloom);
    }
    const numbers = [
      size,
      footer.offset,
      footer.length,
      ...[...parts.values()].flatMap((p) => [p.offset, p.length]),
    ];
    if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0))
      throw new Error('a number is missing');
    return { size, footer, parts };
  } catch (cause) {
    throw new AkashiError(
      'DATA_ALTERED',
      `the hashes of the parts of "${key}" cannot be read. Run \`akashi verify --deep\` to see what was changed.`,
      { cause },
    );
  }
}
