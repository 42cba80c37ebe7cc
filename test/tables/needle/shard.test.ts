import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldCase, furtherForms, headEnd, mayBeIpv6 } from '../../../tables/needle/forms.ts';
import {
  buildPack,
  encodePart,
  PRINTS,
  packSource,
  parseDirectory,
  partSource,
  type Source,
} from '../../../tables/needle/pack.ts';
import { Pairs } from '../../../tables/needle/pairs.ts';
import { encodeShard, readShard } from '../../../tables/needle/shard.ts';
import { codeOf } from '../../vault/scratch.ts';

/** Pairs of fingerprint and group; few fingerprints stand in many groups. */
const shard = fc
  .record({
    groups: fc.integer({ min: 1, max: 300 }),
    bits: fc.integer({ min: 4, max: 18 }),
    from: fc.integer({ min: 0, max: 1000 }),
    single: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 300 }),
    repeated: fc.array(fc.tuple(fc.nat(), fc.nat(100)), { maxLength: 4 }),
  })
  .map(({ groups, bits, from, single, repeated }) => {
    const span = 2 ** bits;
    const pairs = new Set(single.map(([print, group]) => `${from + (print % span)} ${group % groups}`));
    for (const [print, share] of repeated)
      for (let group = 0; group < groups; group++)
        if ((group * 37) % 100 < share) pairs.add(`${from + (print % span)} ${group}`);
    return {
      groups,
      from,
      span,
      pairs: [...pairs].map((pair) => pair.split(' ').map(Number) as [number, number]),
    };
  });

test('a shard gives back what was put into it', () => {
  fc.assert(
    fc.property(shard, ({ groups, from, span, pairs }) => {
      const gathered = new Pairs();
      for (const [print, group] of pairs.toSorted((a, b) => a[1] - b[1])) gathered.add(print, group);
      const bytes = encodeShard(gathered.takeSorted(from, span), groups, from, span);
      const back: string[] = [];
      readShard(bytes, groups, from, span, (print, group) => back.push(`${print} ${group}`));
      expect(back.sort()).toEqual(pairs.map((pair) => pair.join(' ')).sort());
    }),
    { numRuns: 300 },
  );
});

test('any bytes are read, or refused as damaged', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      async (bytes, groups) => {
        const code = await codeOf(
          Promise.resolve().then(() => readShard(bytes, groups, 0, PRINTS, () => {})),
        );
        expect([undefined, null, 'INDEX_DAMAGED', 'resolved']).toContain(code);
      },
    ),
  );
});

/** Row groups of some files: lists of fingerprints. */
const files = fc.array(
  fc.array(fc.uniqueArray(fc.integer({ min: 0, max: PRINTS - 1 }), { maxLength: 40 }), {
    minLength: 1,
    maxLength: 4,
  }),
  { minLength: 1, maxLength: 12 },
);

async function held(source: Source): Promise<string[]> {
  const owner = source.files.flatMap(({ key, rowGroups }) =>
    Array.from({ length: rowGroups }, (_, at) => `${key}/${at}`),
  );
  const pairs: string[] = [];
  await source.read(0, PRINTS, (print, group) => pairs.push(`${owner[group]} ${print}`));
  return pairs.sort();
}

test('packs merge to what their files hold, without those that are no more', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), async (lists, pick) => {
      const parts = lists.map((groups, at) =>
        partSource(`file-${at}`, encodePart(groups.map((prints) => Uint32Array.from(prints).sort()))),
      );
      const asPack = async (sources: readonly Source[], keep?: (file: { key: string }) => boolean) => {
        const { pieces, directory } = (await buildPack('events', sources, keep))!;
        const bytes = Buffer.concat(pieces);
        const listed = bytes.subarray(directory.offset, directory.offset + directory.length);
        return packSource(parseDirectory(listed), async (start, end) => bytes.subarray(start, end));
      };
      const cut = pick % parts.length;
      const first = await asPack(parts.slice(0, cut + 1));
      const rest = parts.length > cut + 1 ? [await asPack(parts.slice(cut + 1))] : [];
      const expected = (without: string | null) =>
        lists
          .flatMap((groups, at) =>
            groups.flatMap((prints, group) => prints.map((print) => `file-${at}/${group} ${print}`)),
          )
          .filter((pair) => without === null || !pair.startsWith(`${without}/`))
          .sort();
      expect(await held(await asPack([first, ...rest]))).toEqual(expected(null));
      if (lists.length > 1)
        expect(await held(await asPack([first, ...rest], ({ key }) => key !== 'file-0'))).toEqual(
          expected('file-0'),
        );
    }),
    { numRuns: 60 },
  );
});

test('forms are found in bytes as they are in text', () => {
  const pieces = fc.constantFrom(
    ...[
      'arn:',
      'ARN:',
      'aws',
      'aws-cn',
      ':sts::',
      ':STS::',
      '111122223333',
      ':assumed-role/',
      ':Assumed-Role/',
      'Admin',
    ],
    ...[
      '/',
      ':',
      'AROA',
      'asia',
      'EXAMPLEEXAMPLE',
      '0123456789',
      'é',
      '\u0000',
      '@',
      '[',
      '2001',
      'db8',
      '::',
      '1',
      'x',
      ' ',
    ],
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
      const text = parts.join('');
      const bytes = Buffer.from(text);
      const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const end = headEnd(data, 0, bytes.length);
      const folded = foldCase(text);
      const forms =
        end > 0
          ? [foldCase(bytes.toString('utf8', 0, end))]
          : mayBeIpv6(data, 0, bytes.length)
            ? furtherForms(folded)
            : [];
      expect(forms).toEqual(furtherForms(folded));
    }),
    { numRuns: 5000 },
  );
  const usual = Buffer.from('arn:aws:sts::111122223333:assumed-role/Admin/alice');
  expect(headEnd(new DataView(usual.buffer, usual.byteOffset), 0, usual.length)).toBe(usual.length - 6);
});
