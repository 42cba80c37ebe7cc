import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { flowFile, trailFile } from '../../bench/generate.ts';
import { type CollectResult, collect } from '../../stages/collect.ts';
import { verify } from '../../stages/verify/verify.ts';
import { openLake } from '../../vault/lake.ts';
import { answers, rowsOf } from './lake-rows.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-collect-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]) => join(folder, ...parts);

async function collectInto(lake: string, ...paths: string[]): Promise<CollectResult> {
  return collect(await openLake(at(lake)), paths, { threads: 1 });
}

function write(name: string, body: string | Uint8Array): void {
  mkdirSync(join(at('in'), name, '..'), { recursive: true });
  writeFileSync(at('in', name), body);
  utimesSync(at('in', name), 1_700_000_000, 1_700_000_000);
}

const balanced = ({ records, events, flows, skipped, unreadable }: CollectResult) =>
  expect(records).toBe(events + flows + skipped + unreadable);

describe('a folder of logs', () => {
  beforeEach(() => {
    write('a/trail-1.json.gz', gzipSync(trailFile(1, 50, 1_700_000_000)));
    write('a/trail-2.json', trailFile(2, 50, 1_700_090_000));
    write('flow.log.gz', gzipSync(flowFile(3, 200, 1_700_000_000)));
    write(
      'broken.json',
      `{"Records":[${JSON.stringify({ eventVersion: '1.08', eventSource: 's3.amazonaws.com' })},{"a":},7]}`,
    );
  });

  test('ends in a lake where every record is accounted for', async () => {
    const result = await collectInto('lake', at('in'));
    balanced(result);
    expect(result).toMatchObject({
      objects: 4,
      events: 101,
      flows: 200,
      unreadable: 2,
      unrecognised: [],
      unreached: [],
    });
    expect(await rowsOf(at('lake'), 'events')).toHaveLength(101);
    expect(await rowsOf(at('lake'), 'flows')).toHaveLength(200);
    expect(await rowsOf(at('lake'), 'quarantine')).toHaveLength(2);
    const evidence = await rowsOf(at('lake'), 'evidence');
    expect(evidence.map((row) => Number(row['records'])).sort((a, b) => a - b)).toEqual([3, 50, 50, 201]);
    expect(await verify(await openLake(at('lake')), { deep: true, rederive: true })).toMatchObject({
      ok: true,
      problems: [],
    });
  });

  test('collected twice is collected once', async () => {
    await collectInto('lake', at('in'));
    const before = await answers(at('lake'));
    const again = await collectInto('lake', at('in'));
    expect(again).toMatchObject({ objects: 0, records: 0, duplicateObjects: 4 });
    expect(await answers(at('lake'))).toBe(before);
  });

  test('gives the same answers in another order, in pieces, and from renamed copies', async () => {
    await collectInto('lake', at('in'));
    const expected = await answers(at('lake'));

    await collectInto('other', at('in', 'flow.log.gz'));
    await collectInto('other', at('in', 'broken.json'), at('in', 'a', 'trail-2.json'));
    await collectInto('other', at('in'));
    expect(await answers(at('other'))).toBe(expected);

    mkdirSync(at('renamed'));
    for (const [index, name] of [
      'a/trail-1.json.gz',
      'a/trail-2.json',
      'flow.log.gz',
      'broken.json',
    ].entries()) {
      copyFileSync(at('in', name), at('renamed', `object-${9 - index}`));
      utimesSync(at('renamed', `object-${9 - index}`), 1_700_000_000, 1_700_000_000);
    }
    await collectInto('third', at('renamed'));
    expect(await answers(at('third'))).toBe(expected);
    expect((await collectInto('third', at('in'))).duplicateObjects).toBe(4);
    expect(await answers(at('third'))).toBe(expected);
  });

  test('the same rows come from one thread and from several', async () => {
    await collectInto('lake', at('in'));
    await collect(await openLake(at('threaded')), [at('in')], { threads: 2 });
    expect(await answers(at('threaded'))).toBe(await answers(at('lake')));
  });

  test('copies of events are counted', async () => {
    write(
      'copy.ndjson',
      JSON.parse(trailFile(1, 50, 1_700_000_000))
        .Records.map((r: unknown) => JSON.stringify(r))
        .join('\n'),
    );
    const result = await collectInto('lake', at('in'));
    expect(result.events).toBe(151);
    expect(result.duplicateEvents).toBe(50);
  });
});

describe('what cannot be taken is reported and the rest goes on', () => {
  test('a path that is not there is refused before anything is read', async () => {
    write('flow.log', flowFile(1, 5, 1_700_000_000));
    await expect(collectInto('lake', at('in'), at('nowhere'))).rejects.toMatchObject({
      code: 'PATH_MISSING',
    });
    expect(await rowsOf(at('lake'), 'flows')).toEqual([]);
  });

  test('an unknown source is refused with the known ones', async () => {
    write('x', 'x');
    await expect(
      collect(await openLake(at('lake')), [at('in')], { source: 'aws.cloudtrial' }),
    ).rejects.toMatchObject({
      code: 'SOURCE_UNKNOWN',
      message: expect.stringContaining('aws.cloudtrail'),
    });
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    write('secret.json', '{}');
    chmodSync(at('in', 'secret.json'), 0);
    expect((await collectInto('lake', at('in'))).unreached).toMatchObject([{ code: 'PATH_DENIED' }]);
  });

  test('a link to nowhere, and a folder that links to itself', async () => {
    write('flow.log', flowFile(1, 5, 1_700_000_000));
    symlinkSync(at('gone'), at('in', 'broken-link'));
    symlinkSync(at('in'), at('in', 'loop'));
    const result = await collectInto('lake', at('in'));
    expect(result.flows).toBe(5);
    expect(result.unreached).toMatchObject([{ code: 'PATH_UNREADABLE' }]);
  });

  // Node reads both names alike; file systems that take UTF-8 alone cannot hold the second.
  test.runIf(process.platform === 'linux')(
    'a name that is not UTF-8 is told, never taken for another',
    async () => {
      write('a\ufffd.log', flowFile(1, 5, 1_700_000_000));
      const unusable = Buffer.concat([Buffer.from(at('in', 'a')), Buffer.from([0xff]), Buffer.from('.log')]);
      writeFileSync(unusable, flowFile(2, 7, 1_700_000_000));
      const result = await collectInto('lake', at('in'));
      expect(result).toMatchObject({ objects: 1, duplicateObjects: 0, flows: 5 });
      expect(result.unreached).toMatchObject([
        { code: 'PATH_UNREADABLE', message: expect.stringContaining('Rename it') },
      ]);
    },
  );
  test('a link to a file of the folder, and one that leads out of it', async () => {
    write('2023/flow.log', flowFile(1, 5, 1_700_000_000));
    symlinkSync(at('in', '2023', 'flow.log'), at('in', 'latest.log'));
    write('../private.log', flowFile(2, 5, 1_700_000_000));
    symlinkSync(at('private.log'), at('in', 'other.log'));
    const result = await collectInto('lake', at('in'));
    expect(result).toMatchObject({ objects: 1, duplicateObjects: 1, flows: 5 });
    expect(result.unreached).toMatchObject([{ code: 'PATH_LINK_OUTSIDE', path: at('in', 'other.log') }]);
    expect(await collectInto('other-lake', at('in', 'other.log'))).toMatchObject({ flows: 5, unreached: [] });
  });

  test.skipIf(spawnSync('mkfifo', ['--version']).error !== undefined)('a pipe among the files', async () => {
    write('flow.log', flowFile(1, 5, 1_700_000_000));
    spawnSync('mkfifo', [at('in', 'pipe')]);
    const result = await collectInto('lake', at('in'));
    expect(result.flows).toBe(5);
    expect(result.unreached).toMatchObject([{ code: 'PATH_NOT_A_FILE', path: at('in', 'pipe') }]);
  });

  test('a binary file is kept as evidence and named', async () => {
    write('picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0xff, 0xfe, 0, 1, 2, 3]));
    const result = await collectInto('lake', at('in'));
    expect(result.unrecognised).toEqual([at('in', 'picture.png')]);
    expect(result.sources['unrecognised']).toMatchObject({ objects: 1, records: 0 });
  });

  test('the lake itself is not collected', async () => {
    write('flow.log', flowFile(1, 5, 1_700_000_000));
    const lake = await openLake(at('in', 'lake'));
    expect((await collect(lake, [at('in')])).objects).toBe(1);
    expect((await collect(lake, [at('in')])).duplicateObjects).toBe(1);
  });
});

describe('untidy bodies', () => {
  const record = JSON.stringify(JSON.parse(trailFile(7, 1, 1_700_000_000)).Records[0]);
  const whole = gzipSync(trailFile(8, 400, 1_700_000_000));
  test.each<[string, string | Uint8Array, Partial<CollectResult>]>([
    ['an empty file', '', { records: 0, unrecognised: [] }],
    ['an empty array', '[]', { records: 0 }],
    ['null records', '{"Records":null}', { records: 0, unrecognised: [] }],
    ['a byte-order mark', `\ufeff{"Records":[${record}]}`, { events: 1, unreadable: 0 }],
    ['CRLF lines', `${record}\r\n${record}\r\n`, { events: 2, unreadable: 0 }],
    [
      'NUL bytes in a string',
      `{"Records":[${record.replace('"eventVersion"', '"x":"\\u0000","eventVersion"')}]}`,
      { events: 1 },
    ],
    [
      'a raw NUL byte between records',
      `{"Records":[${record},\u0000,${record}]}`,
      { events: 2, unreadable: 1 },
    ],
    [
      'invalid UTF-8',
      Buffer.concat([
        Buffer.from(record.slice(0, -1)),
        Buffer.from(',"x":"'),
        Buffer.from([0xc3, 0x28]),
        Buffer.from('"}'),
      ]),
      { events: 1 },
    ],
    [
      'a number beyond 2^53',
      `{"Records":[${record.replace('"eventVersion"', '"n":123456789012345678901234567890,"eventVersion"')}]}`,
      { events: 1 },
    ],
    [
      'duplicate keys',
      `{"Records":[${record.replace('"eventVersion"', '"eventName":"A","eventName":"B","eventVersion"')}]}`,
      { events: 1 },
    ],
    [
      '10,000 levels of nesting',
      `{"Records":[${record.replace('"eventVersion"', `"n":${'['.repeat(10_000)}${']'.repeat(10_000)},"eventVersion"`)},${record}]}`,
      { events: 2 },
    ],
    [
      '10,000 levels in the request',
      `{"Records":[${JSON.stringify({ ...JSON.parse(record), requestParameters: 'deep' }).replace('"deep"', `{"n":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)}]}`,
      { events: 1 },
    ],
    ['a cut gzip', whole.subarray(0, whole.length - 2000), { unreadable: 2 }],
  ])('%s', async (_, body, expected) => {
    write('body', body);
    const result = await collectInto('lake', at('in'));
    balanced(result);
    expect(result).toMatchObject(expected);
    expect(await verify(await openLake(at('lake')), { deep: true, rederive: true })).toMatchObject({
      ok: true,
    });
  });

  test('raw keeps what JSON.parse would lose', async () => {
    write(
      'body',
      `{"Records":[${record.replace('"eventVersion"', '"n":123456789012345678901234567890,"eventName":"A","eventVersion"')}]}`,
    );
    await collectInto('lake', at('in'));
    const [event] = await rowsOf(at('lake'), 'events');
    expect(event!['raw']).toContain('"n":123456789012345678901234567890,"eventName":"A"');
  });

  test('a cut gzip keeps what could be read and says where it ends', async () => {
    write('body', whole.subarray(0, whole.length - 2000));
    const result = await collectInto('lake', at('in'));
    expect(result.events).toBeGreaterThan(300);
    const broken = await rowsOf(at('lake'), 'quarantine');
    expect(broken.map((row) => row['code']).sort()).toEqual(['truncated', 'truncated_gzip']);
    expect(broken.every((row) => /^bytes=\d+-\d+$/.test(String(row['locator'])))).toBe(true);
  });
});

test('a lake leaves no temporary files behind', async () => {
  write('flow.log', flowFile(1, 5, 1_700_000_000));
  await collectInto('lake', at('in'));
  for (const store of ['vault', 'state']) {
    const left = readdirSync(at('lake', store), { recursive: true }).filter((name) =>
      String(name).includes('.tmp/'),
    );
    expect(left).toEqual([]);
  }
});
