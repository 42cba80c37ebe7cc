/** `npm run cost`: counts requests and bytes at the S3 protocol and times the stages; writes cost/measured.json. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { trailFile } from '../../bench/generate.ts';
import { compact } from '../../compaction/compact.ts';
import { expire } from '../../compaction/expire.ts';
import { ASSUMED, type Measured, type Requests } from '../../cost/quantities.ts';
import { COLLECTOR } from '../../stages/custody.ts';
import { drain } from '../../stages/drain.ts';
import { readHead } from '../../tables/head.ts';
import { countNewCopies } from '../../tables/identity-prints.ts';
import { preserve } from '../../vault/evidence.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { remembering } from '../../vault/remembering.ts';
import { S3Double } from '../vault/s3/double.ts';
import { useTestCredentials } from '../vault/s3/subject.ts';

/** Events of a body: some 5.8 MB of log, as an account with much to say delivers in five minutes. */
const EVENTS = 2000;
const START = 1_700_000_000;
const LATER = 1_750_000_000_000;
/** Seals before any is counted: lists have then their usual length. */
const WARM_SEALS = 24;
const COUNTED_SEALS = 24;
const MANY = 8;
/** Some hours after the events: their day still grows. */
const SAME_DAY = 1_700_004_000_000;

useTestCredentials();
const folder = mkdtempSync(join(tmpdir(), 'akashi-cost-'));
process.env['AKASHI_HOME'] = join(folder, 'home');

let seed = 0;
async function preserveOne(lake: Lake, events: number): Promise<{ raw: number; stored: number }> {
  const text = trailFile(++seed, events, START + seed);
  const body = gzipSync(text);
  const provenance = {
    origin: `s3://example-trail/AWSLogs/111122223333/CloudTrail/eu-central-1/2023/11/14/${seed}.json.gz`,
    versionId: null,
    metadata: { etag: 'd41d8cd98f00b204e9800998ecf8427e' },
    modified: START * 1e6,
    receivedAt: (START + seed) * 1e6,
    collector: COLLECTOR,
  };
  await preserve(lake, { source: 'aws.cloudtrail', role: 'records', body, provenance });
  return { raw: Buffer.byteLength(text), stored: body.length };
}

const counts = { put: 0, get: 0 };
const bytes = new Map<string, number>();
const double = new S3Double();
double.fault = ({ method, bucket, key, body }) => {
  if (method === 'PUT' || method === 'POST' || (method === 'GET' && key === '')) counts.put++;
  else if (method !== 'DELETE') counts.get++;
  if (method === 'PUT') {
    const kind =
      bucket === 'state'
        ? 'state'
        : /\.parquet$/.test(key)
          ? 'parquet'
          : /\/vault\/evidence\//.test(key)
            ? 'evidence'
            : /\/ledger\//.test(key)
              ? 'ledger'
              : 'lists';
    const name = bucket === 'state' && /\/index\//.test(key) ? 'index' : kind;
    bytes.set(name, (bytes.get(name) ?? 0) + body.length);
  }
  return null;
};
const sum = (all: Requests, one: Requests, of: number): Requests => ({
  put: all.put + one.put / of,
  get: all.get + one.get / of,
});
async function counted(work: () => Promise<unknown>, of: number): Promise<Requests> {
  const before = { ...counts };
  await work();
  return { put: (counts.put - before.put) / of, get: (counts.get - before.get) / of };
}

double.addBucket('vault', true);
double.addBucket('state', false);
const address = `s3://vault/cost?state=state&endpoint=${await double.start()}&retention=30`;
/** As functions are: each with what it remembers itself, and nothing of what another wrote. */
const opened = () => openLake(address);
const ingesting = await opened();
const sealing = remembering(await opened(), 2 ** 30).lake;
/** Some minutes after the events, as they come. */
const sealAll = (to: Lake) =>
  drain(to, { threads: 1, enough: () => false, now: () => (START + seed) * 1000 + 300_000 });
async function sealOf(bodies: number): Promise<Requests> {
  for (let i = 0; i < bodies; i++) await preserveOne(ingesting, 5);
  return counted(() => sealAll(sealing), 1);
}
for (let i = 0; i < WARM_SEALS; i++) await sealOf(1);
bytes.clear();
const preserving = await counted(async () => {
  for (let i = 0; i < COUNTED_SEALS; i++) await preserveOne(ingesting, 5);
}, COUNTED_SEALS);
await sealAll(sealing);
bytes.clear();
// Few bodies and many in turn, while the hour's files grow in number.
let few: Requests = { put: 0, get: 0 };
let many: Requests = { put: 0, get: 0 };
const ledgerSize = async () => Number((await readHead(sealing.state)).head.checkpoint!.split('\n')[1]);
let fewEntries = 0;
let manyEntries = 0;
for (let i = 0; i < COUNTED_SEALS; i++) {
  const before = await ledgerSize();
  few = sum(few, await sealOf(1), COUNTED_SEALS);
  const between = await ledgerSize();
  many = sum(many, await sealOf(MANY), COUNTED_SEALS);
  fewEntries += (between - before) / COUNTED_SEALS;
  manyEntries += ((await ledgerSize()) - between) / COUNTED_SEALS;
}
const entriesABody = (manyEntries - fewEntries) / (MANY - 1);
const ofSeal = (kind: string) => (bytes.get(kind) ?? 0) / (2 * COUNTED_SEALS);
const sealBytes = { ledger: ofSeal('ledger'), lists: ofSeal('lists'), state: ofSeal('state') };
const slope = (kind: 'put' | 'get') => Math.max(0, (many[kind] - few[kind]) / (MANY - 1));
const sealedBody = { put: slope('put'), get: slope('get') };
/** A function that starts anew has nothing at hand. */
const fresh = remembering(await opened(), 2 ** 30).lake;
for (let i = 0; i < 1; i++) await preserveOne(ingesting, 5);
const cold = await counted(() => sealAll(fresh), 1);
const seals = WARM_SEALS + 1 + 2 * COUNTED_SEALS + 1;
const compacting = remembering(await opened(), 2 ** 27).lake;
const compactedSeal = await counted(() => compact(compacting, { now: SAME_DAY * 1000, here: true }), seals);
const expiring = await opened();
const expiredSeal = await counted(
  () => expire(expiring, Date.now() * 1000 + 1, Date.now() * 1000 + 1),
  seals,
);
await double.stop();

// Times on a lake in a folder: the double would be timed along.
const local = await openLake(join(folder, 'lake'));
const sizes = { raw: 0, stored: 0 };
const cpuOf = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};
const dataBytes = async (prefix: string, store: Lake['vault'], mark: RegExp): Promise<number> => {
  let sum = 0;
  for await (const { key, size } of store.list(prefix)) if (mark.test(key)) sum += size;
  return sum;
};
let sealCpu = 0;
for (let round = 0; round < 3; round++) {
  for (let i = 0; i < MANY; i++) {
    const { raw, stored } = await preserveOne(local, EVENTS);
    sizes.raw += raw;
    sizes.stored += stored;
  }
  sealCpu += await cpuOf(() => sealAll(local));
}
const EVENT_FILES = /^tables\/events\/.*\.parquet$/;
const parquet = await dataBytes('tables/', local.vault, EVENT_FILES);
// Once while the day grows, once when it is over: the first time without any lock, the second for good.
const merging = await cpuOf(() => compact(local, { now: SAME_DAY * 1000, here: true, locks: true }));
const merged = await dataBytes('tables/', local.vault, EVENT_FILES);
const closing = await cpuOf(() => compact(local, { now: LATER * 1000, here: true, locks: true }));
const after = await dataBytes('tables/', local.vault, EVENT_FILES);
await expire(local, LATER * 1000 + 1, LATER * 1000 + 1);
const index = await dataBytes('index/', local.state, /./);
rmSync(folder, { recursive: true, force: true });

// Some of a day’s files, and the events of half a minute at 100 GB a day.
const prints = (count: number) => Float64Array.from({ length: count }, () => Math.random() * 2 ** 53).sort();
const files = Array.from({ length: ASSUMED.gbALake }, () => prints(ASSUMED.rowsAFile));
const events = prints(ASSUMED.rowsAFile / 5);
const searching = await cpuOf(async () => {
  for (let i = 0; i < 3; i++) countNewCopies(files, [events]);
});
const copyNanos = (searching * 1e9) / 3 / files.length / events.length;

const round = (value: number, digits = 4) => Number(value.toPrecision(digits));
const rounded = ({ put, get }: Requests): Requests => ({ put: round(put), get: round(get) });
const gb = sizes.raw / 1e9;
const measured: Measured = {
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]!.model,
  bytesAnEvent: round(sizes.raw / (3 * MANY * EVENTS)),
  stored: {
    evidence: round(sizes.stored / sizes.raw),
    parquet: round(parquet / sizes.raw),
    merged: round((merged - parquet) / sizes.raw),
    compacted: round((after - merged) / sizes.raw),
    index: round(index / sizes.raw),
  },
  preserve: rounded(preserving),
  seal: rounded({ put: few.put - sealedBody.put, get: few.get - sealedBody.get }),
  sealedBody: rounded(sealedBody),
  coldSeal: rounded({ put: cold.put - sealedBody.put, get: cold.get - sealedBody.get }),
  sealBytes: {
    ledger: round(sealBytes.ledger),
    lists: round(sealBytes.lists),
    state: round(sealBytes.state),
  },
  entries: { seal: round(fewEntries - entriesABody), body: round(entriesABody) },
  compactedSeal: rounded(compactedSeal),
  expiredSeal: rounded(expiredSeal),
  copyNanos: round(copyNanos, 2),
  cpuSeconds: { seal: round(sealCpu / gb), compact: round((merging + closing) / gb) },
};
if (process.env['TRY'] === undefined)
  writeFileSync(
    new URL('../../cost/measured.json', import.meta.url),
    `${JSON.stringify(measured, null, 2)}\n`,
  );
process.stdout.write(
  `${JSON.stringify(measured, null, 2)}\nRun \`npm run docs\` to bring docs/cost.md up to date.\n`,
);
