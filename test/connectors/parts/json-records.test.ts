import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BrokenRecord, SourceRecord } from '../../../connectors/contract.ts';
import { jsonRecords } from '../../../connectors/parts/json-records.ts';

interface Found {
  records: { value: unknown; raw: string; locator: string }[];
  broken: { locator: string; code: string }[];
}

/** Splits a body, cut into chunks at the given offsets. */
function split(
  body: string | Buffer,
  cuts: number[] = [],
  containers = ['Records', 'records'],
  own = true,
): Found {
  const bytes = Buffer.from(body);
  const found: Found = { records: [], broken: [] };
  const splitter = jsonRecords(
    {
      record: ({ value, raw, locator }: SourceRecord) => void found.records.push({ value, raw, locator }),
      broken: ({ locator, code }: BrokenRecord) => void found.broken.push({ locator, code }),
      skipped: () => {},
    },
    { containers },
  );
  let from = 0;
  for (const cut of [...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    // With memory of its own, or beside the last chunk, as pieces of a body in memory are.
    splitter.push(own ? Buffer.from(bytes.subarray(from, cut)) : bytes.subarray(from, cut));
    from = cut;
  }
  splitter.end();
  return found;
}

const values = (body: string | Buffer) => split(body).records.map(({ value }) => value);

/** Where a body is cut, inside its second record at any depth of it, and what stands before and after. */
test.each(['{"Records":[', '[', ''])('a record cut short after %j is named with all its bytes', (before) => {
  const first = '{"a":{"b":[1,"x"]},"c":2}';
  const body = `${before}${first},${first}]}`;
  const start = before.length + first.length + 1;
  for (let end = start + 1; end < start + first.length; end++) {
    const { records, broken } = split(body.slice(0, end));
    expect(records.map(({ value }) => value)).toEqual([JSON.parse(first)]);
    expect(broken).toEqual([{ locator: `bytes=${start}-${end}`, code: 'truncated' }]);
  }
});

describe('shapes', () => {
  test.each([
    ['a container', '{"Records":[{"a":1},{"a":2}]}', [{ a: 1 }, { a: 2 }]],
    ['a container with other members', '{"n":"x","records":[{"a":1}],"next":{"b":[1]}}', [{ a: 1 }]],
    ['a pretty container', '{\n  "Records" : [\n    {\n "a": 1\n }\n ]\n}\n', [{ a: 1 }]],
    ['a bare array', '[{"a":1},\n{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['lines', '{"a":1}\r\n{"a":2}\n\n{"a":3}', [{ a: 1 }, { a: 2 }, { a: 3 }]],
    ['values without a line end', '{"a":1}{"a":2}', [{ a: 1 }, { a: 2 }]],
    ['one object', '{"a":{"Records":[1]}}', [{ a: { Records: [1] } }]],
    ['a byte-order mark', '\ufeff{"a":1}', [{ a: 1 }]],
    ['an empty container', '{"Records":[]}', []],
    ['a null container', '{"Records":null}', []],
    ['nothing', '', []],
    ['an empty array', '[]', []],
    ['white space', ' \n\t', []],
    ['a value that looks like a container name', '{"a":"Records","b":[1]}', [{ a: 'Records', b: [1] }]],
    ['escapes and brackets in strings', '[{"a":"}]\\"\\\\"}]', [{ a: '}]"\\' }]],
    ['elements that are no objects', '[1,"x",null,[2]]', [1, 'x', null, [2]]],
    ['lines of containers', '{"records":[{"a":1}]}\n{"records":[{"a":2}]}', [{ a: 1 }, { a: 2 }]],
    ['a container named twice', '{"Records":[{"a":1}],"Records":[{"a":2}]}', [{ a: 1 }, { a: 2 }]],
  ])('%s', (_, body, expected) => {
    expect(values(body)).toEqual(expected);
    expect(split(body).broken).toEqual([]);
  });
});

describe('broken parts are reported and the rest goes on', () => {
  test.each([
    ['a bad line', '{"a":1}\n{"a":}\n{"a":3}', [{ a: 1 }, { a: 3 }], 1],
    ['a line that is no JSON', '{"a":1}\nnot json, at {all}\n{"a":3}', [{ a: 1 }, { a: 3 }], 1],
    ['a line that starts like a number', '{"a":1}\n2023-07-10 x\n{"a":3}', [{ a: 1 }, { a: 3 }], 1],
    ['a line cut short', '{"a":1}\n{"a":{"b":\n{"a":3}', [{ a: 1 }, { a: 3 }], 1],
    ['a line cut inside a string', '{"a":1}\n{"a":"xy\n{"a":3}', [{ a: 1 }, { a: 3 }], 1],
    ['a bad element', '{"Records":[{"a":1},{"a":},{"a":3}]}', [{ a: 1 }, { a: 3 }], 1],
    ['an element without its brace', '{"Records":[{"a":1},{"a":2,{"a":3}]}', [{ a: 1 }, { a: 3 }], 1],
    ['a body cut inside a record', '{"Records":[{"a":1},{"a":', [{ a: 1 }], 1],
    ['a body cut between records', '{"Records":[{"a":1},', [{ a: 1 }], 1],
    ['a container without its last brace', '{"Records":[{"a":1}]', [{ a: 1 }], 1],
    ['a stray bracket', '}\n{"a":1}', [{ a: 1 }], 1],
  ])('%s', (_, body, expected, broken) => {
    const found = split(body);
    expect(found.records.map(({ value }) => value)).toEqual(expected);
    expect(found.broken).toHaveLength(broken);
  });

  test('invalid UTF-8 is replaced and the locator says that raw is not exact', () => {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    const [record] = split(body).records;
    expect(record?.value).toEqual({ a: '\ufffd' });
    expect(record?.locator).toBe('bytes=0-9;rebuilt');
  });

  test('10,000 levels of nesting', () => {
    const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    const found = split(`{"Records":[${deep},{"a":2}]}`);
    expect(found.records).toHaveLength(2);
    expect(found.records[0]?.raw).toBe(deep);
  });

  test('a body made to be read again and again stays linear', () => {
    const started = performance.now();
    split('{"a":'.repeat(400_000));
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('byte ranges', () => {
  test('locators cut the very bytes out of the body', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.dictionary(
            fc.string({ unit: 'binary' }),
            fc.json().map((j) => JSON.parse(j)),
          ),
        ),
        (list) => {
          const body = Buffer.from(`{"Records":${JSON.stringify(list)}}`);
          for (const { raw, locator, value } of split(body).records) {
            const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(locator)!;
            expect(body.subarray(Number(start), Number(end)).toString()).toBe(raw);
            expect(JSON.parse(raw)).toEqual(value);
          }
        },
      ),
    );
  });
});

describe('chunks', () => {
  const json = fc.oneof(
    fc.array(fc.json({ maxDepth: 3 })).map((list) => `{"x":[1],"Records":[${list.join(',')}],"y":{}}`),
    fc.array(fc.json({ maxDepth: 3 })).map((list) => list.join('\n')),
    fc.array(fc.json({ maxDepth: 3 })).map((list) => `[${list.join(' ,')}]`),
    fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '\n', 'a', '1', 'é', '"Records":['),
    }),
  );
  test('any cut into chunks gives the same records', () => {
    fc.assert(
      fc.property(json, fc.array(fc.nat(400), { maxLength: 8 }), (body, cuts) => {
        const whole = split(body);
        expect(split(body, cuts)).toEqual(whole);
        expect(split(body, cuts, undefined, false)).toEqual(whole);
      }),
      { numRuns: 3000 },
    );
  });

  // Cut into single bytes no end is ever guessed, only read.
  const alike = fc.constantFrom(
    '{"a":1}',
    '{"a":{"b":[1]}}',
    '{"b":1}',
    '{"a":[{"a":1},{"a":2}]}',
    '{"a":"},{\\"a\\":"}',
    '{"a":"é"}',
    '{"a":\n{"b":1}}',
    '{"a":1,\n"b":2}',
    '{"a":1,"Records":[{"a":1},{"a":2}]}',
    '{"a":}',
    '{"a":1',
    '"a":1}',
    '{"a":"x',
    '1',
    '',
  );
  test.each([
    [',', '{"Records":[', ']}'],
    [',', '[', ']'],
    [' ,\n ', '[', ']'],
    ['\n', '', ''],
    ['\r\n', '', ''],
    ['', '', ''],
  ])('ends that are guessed (%j in %j) are those that are read', (separator, open, close) => {
    fc.assert(
      fc.property(fc.array(alike, { maxLength: 12 }), (list) => {
        const body = open + list.join(separator) + close;
        const everyByte = Array.from(Buffer.from(body), (_, at) => at);
        expect(split(body)).toEqual(split(body, everyByte));
      }),
      { numRuns: 1000 },
    );
  });

  test('valid values all come back', () => {
    fc.assert(
      fc.property(fc.array(fc.json({ maxDepth: 3 })), (list) => {
        const expected = list.map((one) => JSON.parse(one));
        expect(values(`[${list.join(',')}]`)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
