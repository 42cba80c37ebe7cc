import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { collect } from '../../stages/collect.ts';
import { readVkey } from '../../stages/ledger.ts';
import { followPointers, parseLocator } from '../../stages/locator.ts';
import { readRows } from '../../stages/parquet-rows.ts';
import { writeProof } from '../../stages/proof-folder.ts';
import { proveRow, type RowOrigin } from '../../stages/prove.ts';
import { readHead } from '../../tables/head.ts';
import { readTable } from '../../tables/table-metadata.ts';
import type { Stores } from '../../vault/evidence.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { codeOf } from '../vault/scratch.ts';

const CONNECTORS = fileURLToPath(new URL('../../connectors/', import.meta.url));
const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));
const VERIFIER = fileURLToPath(new URL('../../docs/verify.py', import.meta.url));

/** Verifies many folders in one process: it takes longer to start than to verify. */
const DRIVER = `
import contextlib, importlib.util, json, os, sys
spec = importlib.util.spec_from_file_location("verify", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)

def verdict(folder):
    try:
        with contextlib.redirect_stdout(open(os.devnull, "w")):
            verifier.main(folder)
        return None
    except (Exception, SystemExit) as refusal:
        return str(refusal) or "refused"

if sys.argv[2] == "accept":
    print(json.dumps([verdict(folder) for folder in sys.argv[3:]]))
else:
    folder, accepted, tried = sys.argv[3], [], 0
    for name in sys.argv[4:]:
        path = os.path.join(folder, name)
        whole = open(path, "rb").read()
        # The line end after the key is not part of it.
        length = len(whole) - (name == "ledger.vkey")
        for at in range(0, length, max(1, length // 211)):
            tried += 1
            open(path, "wb").write(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
            if verdict(folder) is None:
                accepted.append(f"{name} {at}")
        open(path, "wb").write(whole)
    print(json.dumps([tried, accepted, verdict(folder)]))
`;

const drive = (...words: string[]): unknown =>
  JSON.parse(spawnSync('python3', ['-', VERIFIER, ...words], { input: DRIVER, encoding: 'utf8' }).stdout);

const answers = (command: string, ...words: string[]) => spawnSync(command, words, { encoding: 'utf8' });
/** Told once, so that a run without them says what it left out. */
const hasTools =
  /^Python 3/.test(answers('python3', '--version').stdout ?? '') &&
  /^OpenSSL 3/.test(answers('openssl', 'version').stdout ?? '');
if (!hasTools) console.warn('python3 or OpenSSL 3 is not here: the stranger’s verifier is not tried');

let folder: string;
let lake: Lake;
let identity: LogIdentity;
let rows: RowOrigin[];
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-prove-'));
  lake = await openLake(at('lake'));
  const samples = readdirSync(CONNECTORS)
    .map((name) => join(CONNECTORS, name, 'samples'))
    .filter((path) => existsSync(path));
  const whole = gzipSync(trailFile(3, 300, 1_700_000_000));
  writeFileSync(at('cut.json.gz'), whole.subarray(0, whole.length - 500));
  writeFileSync(
    at('members.json.gz'),
    Buffer.concat([
      gzipSync('{"Records":['),
      gzipSync(trailFile(4, 2, 1_700_000_000).slice('{"Records":['.length)),
    ]),
  );
  const half = JSON.stringify({
    ...(JSON.parse(trailFile(5, 1, 1_700_000_000)) as { Records: object[] }).Records[0],
    eventID: 'half',
    x: '\ud83d',
  });
  writeFileSync(
    at('surrogate.json'),
    JSON.stringify({ Events: [{ EventId: 'half', CloudTrailEvent: half }] }),
  );
  await collect(lake, [...samples, at('cut.json.gz'), at('members.json.gz'), at('surrogate.json')], {
    threads: 1,
  });
  identity = (await readVkey(lake.root))!;
  rows = await rowsOf(lake);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function rowsOf({ vault, state }: Stores): Promise<RowOrigin[]> {
  const { head } = await readHead(state);
  const found: RowOrigin[] = [];
  for (const table of ['events', 'flows'] as const)
    for (const { key } of (await readTable(vault, head, table)).files)
      for (const row of await readRows((await vault.get(key)).body))
        found.push({ ...(row as unknown as RowOrigin), table });
  return found;
}

/** One row for each shape of locator of each source. */
const shapes = (): RowOrigin[] => [
  ...new Map(rows.map((row) => [`${row.source} ${row.locator.replaceAll(/\d+/g, 'n')}`, row])).values(),
];

async function written(row: RowOrigin, name: string): Promise<string> {
  rmSync(at(name), { recursive: true, force: true });
  await writeProof(lake, await proveRow(lake, identity, row), at(name));
  return at(name);
}

const verifies = (bundle: string, key?: string) => {
  const { status, stdout, stderr } = answers(
    'python3',
    VERIFIER,
    bundle,
    ...(key === undefined ? [] : [key]),
  );
  return { ok: status === 0, said: stdout + stderr };
};

const plainRow = () =>
  rows.find((row) => row.source === 'aws.cloudtrail' && /^bytes=\d+-\d+$/.test(row.locator))!;
const nestedRow = () => rows.find((row) => row.locator.includes(';pointer=/logEvents/'))!;

test('every row of every sample can be proven from its evidence', async () => {
  expect(rows.length).toBeGreaterThan(800);
  const forms = new Set<string>();
  for (const row of shapes()) {
    const { form, record, enclosing } = await proveRow(lake, identity, row);
    forms.add(form);
    expect(Buffer.from(record).toString()).toBe(row.raw);
    if (form === 'decoded') expect(enclosing!.length).toBeGreaterThan(record.length);
  }
  expect(forms).toEqual(new Set(['bytes', 'decoded', 'rebuilt']));
});

describe.skipIf(!hasTools)('a stranger with python3 and openssl', () => {
  test('accepts proofs of every shape', async () => {
    const bundles: string[] = [];
    for (const [index, row] of shapes().entries()) bundles.push(await written(row, `shape-${index}`));
    expect(drive('accept', ...bundles)).toEqual(bundles.map(() => null));
    expect(verifies(bundles[0]!, join(lake.root, 'ledger.vkey'))).toMatchObject({ ok: true });
  });

  test('accepts records of a cut gzip, of one in two members, and with half a surrogate pair', async () => {
    const special = rows.filter((row) => row.uid === 'half' || row.locator.startsWith('bytes=12-'));
    const evidence = new Set(special.map((row) => row.evidence));
    expect(evidence.size).toBeGreaterThan(3);
    const one = new Map(special.map((row) => [row.evidence, row])).values();
    const bundles: string[] = [];
    for (const [index, row] of [...one].entries()) bundles.push(await written(row, `special-${index}`));
    expect(drive('accept', ...bundles)).toEqual(bundles.map(() => null));
  });

  test.each([
    ['a record cut from the evidence', plainRow],
    ['a record decoded from what encloses it', nestedRow],
  ])('refuses a proof of %s with any one byte changed', async (_, row) => {
    const bundle = await written(row(), 'bundle');
    expect(verifies(bundle).ok).toBe(true);
    const files = ['record', 'entry.json', 'entry.tlog-proof', 'checkpoint', 'ledger.vkey', 'evidence'];
    if (existsSync(join(bundle, 'enclosing'))) files.push('enclosing');
    const [tried, accepted, whole] = drive('refuse', bundle, ...files) as [number, string[], string | null];
    expect(tried).toBeGreaterThan(1000);
    expect(accepted).toEqual([]);
    expect(whole).toBeNull();
  });

  test('refuses another record of the same evidence, another place, another entry, and a cut proof', async () => {
    const [one, two] = [plainRow(), rows.filter((row) => row.evidence === plainRow().evidence)[1]!];
    const other = await written(two, 'other');
    const stranger = await written(nestedRow(), 'stranger');
    const swaps: readonly (readonly [string, string[]])[] = [
      [other, ['record']],
      [other, ['proof.json']],
      [stranger, ['evidence']],
      [stranger, ['entry.json']],
      [stranger, ['entry.json', 'evidence']],
      [stranger, ['entry.tlog-proof']],
    ];
    for (const [from, files] of swaps) {
      const bundle = await written(one, 'bundle');
      for (const file of files) cpSync(join(from, file), join(bundle, file));
      expect([files, verifies(bundle).ok]).toEqual([files, false]);
    }
    const bundle = await written(one, 'bundle');
    const proof = readFileSync(join(bundle, 'entry.tlog-proof'), 'utf8').split('\n');
    writeFileSync(join(bundle, 'entry.tlog-proof'), [...proof.slice(0, 2), ...proof.slice(3)].join('\n'));
    expect(verifies(bundle).ok).toBe(false);
  });

  test.each([
    'bytes',
    'somewhere',
    'row=1',
    'row=1;pointer=/a',
    'bytes=0-4;rebuilt;pointer=/a',
    'bytes=0-4;rebuilt;',
    'bytes=0-4;else;rebuilt',
  ])('refuses any record at a place that no record has: %s', async (locator) => {
    const bundle = await written(plainRow(), 'bundle');
    writeFileSync(join(bundle, 'record'), 'anything');
    writeFileSync(join(bundle, 'proof.json'), JSON.stringify({ locator }));
    expect(verifies(bundle).ok).toBe(false);
  });

  test('says that a record written anew is not proven, and what names a place cannot drive the terminal', async () => {
    const bundle = await written(plainRow(), 'bundle');
    writeFileSync(join(bundle, 'record'), 'anything');
    writeFileSync(join(bundle, 'proof.json'), JSON.stringify({ locator: 'row=1;rebuilt' }));
    expect(verifies(bundle)).toMatchObject({
      ok: true,
      said: expect.stringContaining('the record is not proven'),
    });
    writeFileSync(join(bundle, 'proof.json'), JSON.stringify({ locator: 'row=1\u001b[2J\u202e;rebuilt' }));
    const { ok, said } = verifies(bundle);
    expect(ok).toBe(false);
    expect(said).not.toMatch(/[\u001b\u202e]/);
  });

  test('refuses a whole forgery by the key it trusts', async () => {
    const forged = await openLake(at('forged'));
    await collect(forged, [join(CONNECTORS, 'aws-cloudtrail/samples')], { threads: 1 });
    const [row] = await rowsOf(forged);
    await writeProof(forged, await proveRow(forged, (await readVkey(forged.root))!, row!), at('forgery'));
    expect(verifies(at('forgery')).ok).toBe(true);
    expect(verifies(at('forgery'), join(lake.root, 'ledger.vkey'))).toMatchObject({
      ok: false,
      said: expect.stringContaining('NOT OK: the checkpoint is of this key'),
    });
  });

  test('can follow VERIFY.md by hand', async () => {
    const bundle = await written(nestedRow(), 'bundle');
    const blocks = [...readFileSync(join(bundle, 'VERIFY.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(
      ([, code]) => code!,
    );
    expect(blocks).toHaveLength(3);
    cpSync(join(lake.root, 'ledger.vkey'), join(bundle, 'trusted.vkey'));
    const [whole, hashes, signature] = blocks.map((code) =>
      spawnSync('sh', ['-e', '-c', code], { cwd: bundle, encoding: 'utf8' }),
    );
    expect(whole).toMatchObject({ status: 0 });
    const [left, right] = hashes!.stdout.trim().split('\n');
    expect(left).toBe(right);
    expect(signature).toMatchObject({ status: 0, stdout: expect.stringContaining('Verified Successfully') });
  });
});

describe('a proof that would not hold is not given out', () => {
  const otherwise = (edit: Partial<RowOrigin>) =>
    codeOf(proveRow(lake, identity, { ...plainRow(), ...edit }));

  test.each<[string, Partial<RowOrigin>]>([
    ['a row with another text', { raw: '{}' }],
    ['a row that points beyond its evidence', { locator: 'bytes=10-99999999' }],
    ['a row that points elsewhere in it', { locator: 'bytes=0-12' }],
    ['a locator that is none', { locator: 'somewhere' }],
    ['evidence the ledger does not know', { evidence: 'ab'.repeat(32) }],
    ['evidence of another source', { source: 'linux.auth' }],
  ])('%s', async (_, edit) => {
    expect(await otherwise(edit)).toBe('PROOF_BROKEN');
  });

  test('evidence that was altered', async () => {
    const altered: Stores = {
      ...lake,
      vault: {
        ...lake.vault,
        async *openRead(key) {
          for await (const chunk of lake.vault.openRead(key)) yield chunk.with(0, chunk[0]! ^ 1);
        },
      },
    };
    expect(await codeOf(proveRow(altered, identity, plainRow()))).toBe('PROOF_BROKEN');
  });

  test('a folder that holds something is left alone', async () => {
    const proof = await proveRow(lake, identity, plainRow());
    expect(await codeOf(writeProof(lake, proof, lake.root))).toBe('PROOF_EXISTS');
  });
});

test('akashi prove: JSON with everything, a folder, and a code for what is not there', () => {
  const akashi = (...words: string[]) =>
    spawnSync(process.execPath, [AKASHI, 'prove', ...words, '--lake', lake.root], { encoding: 'utf8' });
  const row = plainRow();
  const out = at('by-command');
  const { bundles } = JSON.parse(akashi(row.uid, '--source', row.source, '--json', '--out', out).stdout) as {
    bundles: Record<string, never>[];
  };
  expect(bundles).toHaveLength(1);
  expect(bundles[0]).toMatchObject({
    uid: row.uid,
    source: row.source,
    form: 'bytes',
    timestamp: null,
    folder: out,
  });
  expect(Buffer.from(bundles[0]!['record']!, 'base64').toString()).toBe(row.raw);
  expect(readdirSync(out)).toContain('VERIFY.md');
  expect(akashi('no such uid')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('[UID_UNKNOWN]'),
  });
});

test('locators are read as connectors write them', () => {
  expect(parseLocator('bytes=3-90')).toEqual({ range: { start: 3, end: 90 }, pointers: [], rebuilt: false });
  expect(parseLocator('bytes=0-9;pointer=/a/0;pointer=/b;rebuilt')).toEqual({
    range: { start: 0, end: 9 },
    pointers: ['/a/0', '/b'],
    rebuilt: true,
  });
  expect(parseLocator('row=7;rebuilt')).toEqual({ range: null, pointers: [], rebuilt: true });
  for (const text of ['', 'bytes=1', 'bytes=1-2;x', 'row=', 'bytes=1-2;rebuilt;pointer=/a', 'bytes=-1-2'])
    expect(parseLocator(text)).toBeNull();
  expect(followPointers('{"a/b":["{\\"c~d\\":\\"x\\"}"]}', ['/a~1b/0', '/c~0d'])).toBe('x');
  expect(followPointers('{"a":1}', ['/a'])).toBeNull();
  expect(followPointers('{"a":"x"}', ['/toString'])).toBeNull();
  expect(followPointers('not json', ['/a'])).toBeNull();
});
