/** Disclosures: what is within the order's scope, and no byte that tells of anybody or anything else. */

import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { coverPage } from '../../exports/disclosure/cover.ts';
import { plainText } from '../../exports/page/page.ts';
import { scratchFolder } from '../vault/scratch.ts';

const newFolder = scratchFolder();
const ACCOUNTS = ['111122223333', '444455556666', '777788889999'];
const PEOPLE = ['alice', 'bobby', 'carol', 'dorothy'];
const HOURS = 30;
const START = Date.UTC(2026, 2, 1);

interface Spoken {
  readonly person: string;
  readonly account: string;
  readonly time: string;
  readonly ip: string;
  readonly id: string;
}

/** One event an hour; people, accounts and addresses take turns, so that every body holds several of each. */
const EVENTS: readonly Spoken[] = Array.from({ length: HOURS }, (_, at) => ({
  person: PEOPLE[at % PEOPLE.length]!,
  account: ACCOUNTS[Math.floor(at / 2) % ACCOUNTS.length]!,
  time: new Date(START + at * 3_600_000 + at * 61_000).toISOString().replace('.000', ''),
  ip: `198.51.100.${100 + at}`,
  id: `event-${String(at).padStart(4, '0')}-x`,
}));

const recordOf = ({ person, account, time, ip, id }: Spoken) => ({
  eventVersion: '1.09',
  userIdentity: {
    type: 'IAMUser',
    userName: person,
    principalId: `AIDA${person.toUpperCase()}EXAMPLE`,
    arn: `arn:aws:iam::${account}:user/${person}`,
    accountId: account,
  },
  eventTime: time,
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  awsRegion: 'eu-west-1',
  sourceIPAddress: ip,
  requestParameters: { bucketName: `of-${id}` },
  eventID: id,
  recipientAccountId: account,
});

const ORDER = [
  '--authority',
  'Tokyo District Court 東京地方裁判所',
  '--order-type',
  'jp-provision',
  '--order-number',
  '2026-123',
  '--order-date',
  '2026-11-20',
  '--person-in-charge',
  'A. Sato',
];
let folder: string;
let lake: string;
let printed = '';

async function akashi(...words: string[]): Promise<{ code: number; text: string }> {
  printed = '';
  const code = await main([...words, '--lake', lake]);
  return { code, text: printed };
}

function listen(): void {
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
}
beforeEach(listen);
afterEach(() => void vi.restoreAllMocks());

beforeAll(async () => {
  folder = await newFolder();
  lake = join(folder, 'lake');
  listen();
  // Bodies whose very names tell of others; records alone, in one file, and inside a wrapper that holds several.
  const trail = join(folder, 'AWSLogs/777788889999/CloudTrail');
  mkdirSync(trail, { recursive: true });
  const third = Math.floor(HOURS / 3);
  const parts = [EVENTS.slice(0, third), EVENTS.slice(third, 2 * third), EVENTS.slice(2 * third)].map(
    (some) => some.map(recordOf),
  );
  writeFileSync(
    join(trail, '777788889999_CloudTrail_eu-west-1_20260301T0000Z_aaaa.json.gz'),
    gzipSync(JSON.stringify({ Records: parts[0] })),
  );
  writeFileSync(join(trail, 'of-dorothy.ndjson'), parts[1]!.map((one) => JSON.stringify(one)).join('\n'));
  const message = {
    messageType: 'DATA_MESSAGE',
    owner: ACCOUNTS[2],
    logGroup: 'trail-of-carol',
    logStream: 's',
    subscriptionFilters: [],
    logEvents: parts[2]!.map((one, at) => ({
      id: String(at),
      timestamp: Date.parse(one.eventTime),
      message: JSON.stringify(one),
    })),
  };
  writeFileSync(join(trail, 'wrapped.json'), JSON.stringify(message));
  expect((await akashi('collect', join(folder, 'AWSLogs'))).code).toBe(0);
  vi.restoreAllMocks();
}, 180_000);
afterAll(() => void vi.restoreAllMocks());

function filesBelow(path: string): Map<string, Buffer> {
  const found = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    found.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [relative(path, file), readFileSync(file)];
    }),
  );
}

const within = (
  { person, account, time }: Spoken,
  who: readonly string[],
  where: readonly string[],
  since: string,
  until: string,
): boolean =>
  (who.length === 0 || who.includes(person)) &&
  (where.length === 0 || where.includes(account)) &&
  time >= since &&
  time < until;

/** Everything that tells of an event, and of nothing that is disclosed. */
function tellTales(disclosed: readonly Spoken[]): string[] {
  const words = (some: readonly Spoken[]) =>
    some.flatMap(({ person, account, time, ip, id }) => [
      person,
      person.toUpperCase(),
      account,
      time,
      String(Date.parse(time) * 1000),
      ip,
      id,
    ]);
  const own = new Set(words(disclosed));
  return [...new Set(words(EVENTS.filter((one) => !disclosed.includes(one))))]
    .filter((word) => !own.has(word))
    .concat('of-dorothy', 'trail-of-carol');
}

const at = (hour: number): string => new Date(START + hour * 3_600_000).toISOString();
const SCOPES: readonly (readonly [string, readonly string[], readonly string[], number, number])[] = [
  ['one person in one account', ['alice'], ['111122223333'], 0, 40],
  ['one account, some hours', [], ['444455556666'], 10, 27],
  [
    'two people, by ARN and by name',
    ['arn:aws:iam::111122223333:user/alice', 'alice', 'bobby'],
    ['111122223333', '444455556666'],
    5,
    25,
  ],
];

test.each(SCOPES)(
  '%s: all that is within, and no byte of anything else',
  async (name, who, where, from, to) => {
    const out = join(folder, `out-${name.replaceAll(/\W+/g, '-')}`);
    const chosen = [
      ...who.flatMap((one) => ['--principal', one]),
      ...where.flatMap((one) => ['--account', one]),
    ];
    const made = await akashi(
      'disclose',
      ...ORDER,
      ...chosen,
      '--since',
      at(from),
      '--until',
      at(to),
      '--out',
      out,
      '--case',
      'INC-42',
      '--by',
      'A. Sato',
    );
    expect(made.code, made.text).toBe(0);
    const disclosed = EVENTS.filter((one) =>
      within(
        one,
        who.filter((word) => !word.includes(':')),
        where,
        at(from),
        at(to),
      ),
    );
    expect(disclosed.length).toBeGreaterThan(1);
    const files = filesBelow(out);
    const lines = files
      .get('data/records.jsonl')!
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { uid: string; raw: string });
    expect(lines.map(({ uid }) => uid).sort()).toEqual(disclosed.map(({ id }) => id).sort());
    for (const { uid, raw } of lines)
      expect(JSON.parse(raw)).toEqual(recordOf(EVENTS.find(({ id }) => id === uid)!));
    const told = tellTales(disclosed);
    expect(told.length).toBeGreaterThan(40);
    for (const [file, bytes] of files)
      for (const word of told) {
        expect(file.includes(word), `${word} in the name ${file}`).toBe(false);
        expect(bytes.includes(word), `${word} in ${file}`).toBe(false);
      }
    const check = spawnSync('python3', [join(out, 'check.py'), out, join(lake, 'ledger.vkey')], {
      encoding: 'utf8',
    });
    expect(check.stdout + check.stderr).toMatch(
      /^OK: \d+ records.*\nthe custody record is sealed in the ledger and names this package/,
    );
  },
  180_000,
);

test('secrecy: what it was shows to those it is sealed to alone, and nobody can deny that it was', async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const [mine, others] = [join(folder, 'auditor.txt'), join(folder, 'other.txt')];
  writeFileSync(mine, `# auditor\n${identity}\n`);
  writeFileSync(others, `${await generateX25519Identity()}\n`);
  const out = join(folder, 'secret');
  const scope = ['--principal', 'carol', '--since', at(0), '--until', at(40)];
  const order = ORDER.map((word) =>
    word === '2026-123' ? '2026-999' : word.replace(/^Tokyo.*/, 'Quiet Court'),
  );
  const made = await akashi(
    'disclose',
    ...order,
    ...scope,
    '--out',
    out,
    '--case',
    'QUIET-7',
    '--by',
    'A. Sato',
    '--secret',
    '--seal-to',
    recipient,
  );
  expect(made.code, made.text).toBe(0);

  const tells = /QUIET-7|carol|2026-999|Quiet Court/;
  const plain = await akashi('custody', '--json');
  expect(plain.text).not.toMatch(tells);
  expect((await akashi('custody')).text).toMatch(/ sealed +export +\(sealed with SHA-256 [0-9a-f]+/);
  expect((await akashi('query', 'select * from custody', '--json')).text).not.toMatch(tells);
  const everything = [...filesBelow(join(lake, 'vault')), ...filesBelow(join(lake, 'state'))].filter(
    ([file]) => !file.includes('evidence/'),
  );
  for (const [file, bytes] of everything)
    expect(/QUIET-7|2026-999/.test(bytes.toString('latin1')), file).toBe(false);

  const opened = await akashi(
    'custody',
    '--include-sealed',
    '--identity',
    mine,
    '--case',
    'QUIET-7',
    '--json',
  );
  const { records } = JSON.parse(opened.text) as { records: Record<string, string>[] };
  expect(records).toHaveLength(1);
  expect(records[0]).toMatchObject({ actor: 'A. Sato', action: 'export', case: 'QUIET-7' });
  expect(JSON.parse(records[0]!['parameters']!)).toMatchObject({
    order: { number: '2026-999' },
    scope: { principals: ['carol'] },
  });
  expect(
    JSON.parse(
      (await akashi('custody', '--include-sealed', '--identity', others, '--case', 'QUIET-7', '--json')).text,
    ),
  ).toMatchObject({ records: [] });
  expect((await akashi('custody', '--include-sealed')).code).toBe(2);

  const check = () =>
    spawnSync('python3', [join(out, 'check.py'), out, join(lake, 'ledger.vkey')], { encoding: 'utf8' });
  expect(check().stdout).toMatch(/names this package/);
  writeFileSync(join(out, 'added'), '');
  expect(check().stdout).toMatch(/FAILED: added was added/);
  rmSync(join(out, 'added'));
  const relist = (manifest: string, more: readonly string[] = [], without: readonly string[] = []) => {
    const names = readFileSync(join(out, manifest), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.slice(66))
      .filter((name) => !more.includes(name) && !without.includes(name));
    const hashed = [...names, ...more].map(
      (name) => `${hash('sha256', readFileSync(join(out, name)), 'hex')}  ${name}\n`,
    );
    writeFileSync(join(out, manifest), hashed.join(''));
  };
  // A record slipped in beside the payload's manifest, which the custody record names.
  writeFileSync(join(out, 'data/more.jsonl'), '');
  relist('tagmanifest-sha256.txt', ['data/more.jsonl']);
  expect(check().stdout).toMatch(/FAILED: data\/more.jsonl is listed in tagmanifest/);
  rmSync(join(out, 'data/more.jsonl'));
  relist('tagmanifest-sha256.txt', [], ['data/more.jsonl']);
  symlinkSync('data', join(out, 'link'));
  expect(check().stdout).toMatch(/FAILED: .*link is no file/);
  rmSync(join(out, 'link'));
  // An entry of the ledger whose words are a stranger's: an object that was named after the manifest's hash.
  const custody = join(out, 'custody/record.json');
  const [own, inside] = [readFileSync(custody), readFileSync(join(out, 'custody/opened.json'))];
  const named = hash('sha256', readFileSync(join(out, 'manifest-sha256.txt')), 'hex');
  writeFileSync(custody, JSON.stringify({ kind: 'evidence', origin: `s3://example/${named}.json.gz` }));
  rmSync(join(out, 'custody/opened.json'));
  relist('tagmanifest-sha256.txt', [], ['custody/opened.json']);
  expect(check().stdout).toMatch(/FAILED: custody\/record.json is no custody record of an export/);
  writeFileSync(custody, own);
  writeFileSync(join(out, 'custody/opened.json'), inside);
  relist('tagmanifest-sha256.txt', ['custody/opened.json']);
  expect(check().stdout).toMatch(/names this package/);
  // A record taken out, and both manifests written anew.
  const lines = readFileSync(join(out, 'data/records.jsonl'), 'utf8').trim().split('\n');
  writeFileSync(join(out, 'data/records.jsonl'), `${lines.slice(1).join('\n')}\n`);
  for (const manifest of ['manifest-sha256.txt', 'tagmanifest-sha256.txt']) relist(manifest);
  expect(check().stdout).toMatch(/FAILED: the custody record is of another package/);
  expect((await akashi('verify', out)).text).toContain('is a disclosure');
  expect((await akashi('verify', '--deep', '--rederive')).code).toBe(0);
}, 180_000);

test('an order that is not limited, or finds nothing, or hides from everybody, is refused before anything is written', async () => {
  const out = join(folder, 'refused');
  const period = ['--since', at(0), '--until', at(40), '--out', out];
  for (const [words, code] of [
    [period, 'DISCLOSURE_SCOPE'],
    [['--principal', ' ', ...period], 'DISCLOSURE_SCOPE'],
    [['--principal', 'alice', '--since', at(9), '--until', at(9), '--out', out], 'DISCLOSURE_SCOPE'],
    [['--principal', "x' OR 1=1 --", ...period], 'DISCLOSURE_EMPTY'],
    [['--principal', 'alice', '--out', out], 'USAGE'],
    [['--principal', 'alice', '--secret', ...period], 'USAGE'],
    [['--principal', 'alice', '--seal-to', 'age1x', '--secret', ...period], 'PACKAGE_RECIPIENT'],
  ] as const) {
    const { code: exit, text } = await akashi('disclose', ...ORDER, ...words);
    expect(exit, text).not.toBe(0);
    expect(text).toContain(`[${code}]`);
  }
  expect((await akashi('disclose', '--principal', 'alice', ...period)).text).toContain('needs --order-date');
  expect(readdirSync(folder)).not.toContain('refused');
}, 180_000);

test('the cover says the order, the scope and the terms in both languages, and nothing else', () => {
  const page = coverPage({
    order: {
      authority: '<b>Court</b>',
      type: 'jp-provision',
      number: '1',
      date: '2026-11-20',
      personInCharge: 'S',
    },
    scope: { principals: ['alice'], accounts: [], since: new Date(START), until: new Date(START + 1) },
    secret: true,
    records: 2,
    sources: { 'aws.cloudtrail': 2 },
    hours: { presumed: 1 },
    proofs: { origin: 'example.com/x', size: 3, root: 'ab', vkey: 'k' },
  });
  const text = JSON.stringify(page);
  for (const word of [
    '電磁的記録提供命令',
    '秘密の保持',
    'Secrecy',
    'alice',
    '指定なし',
    'letter for letter',
  ])
    expect(text).toContain(word);
  expect(page.facts.map(({ value }) => plainText(value))).toContain('<b>Court</b>');
});
