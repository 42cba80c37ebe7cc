/** `npm run cost`: counts requests and bytes at the S3 protocol and times the stages; writes cost/measured.json. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { trailFile } from '../../bench/generate.ts';
import { compact } from '../../compaction/compact.ts';
import type { Measured, Requests } from '../../cost/quantities.ts';
import { COLLECTOR } from '../../stages/custody.ts';
import { drain } from '../../stages/drain.ts';
import { preserve } from '../../vault/evidence.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import { S3Double } from '../vault/s3/double.ts';
import { useTestCredentials } from '../vault/s3/subject.ts';

/** Events of a body: some 5.8 MB of log, as an account with much to say delivers in five minutes. */
const EVENTS = 2000;
const START = 1_700_000_000;
const LATER = 1_750_000_000_000;
/** Seals before any is counted: lists have then their usual length. */
const WARM_SEALS = 24;
const COUNTED_SEALS = 8;
const MANY = 8;

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
          : /\/evidence\//.test(key)
            ? 'evidence'
            : 'beside';
    const name = bucket === 'state' && /\/index\//.test(key) ? 'index' : kind;
    bytes.set(name, (bytes.get(name) ?? 0) + body.length);
  }
  return null;
};
async function counted(work: () => Promise<unknown>, of: number): Promise<Requests> {
  const before = { ...counts };
  await work();
  return { put: (counts.put - before.put) / of, get: (counts.get - before.get) / of };
}

double.addBucket('vault', true);
double.addBucket('state', false);
const lake = await openLake(`s3://vault/cost?state=state&endpoint=${await double.start()}&retention=30`);
const sealAll = (to: Lake) => drain(to, { threads: 1, enough: () => false });
for (let i = 0; i < WARM_SEALS; i++) {
  await preserveOne(lake, 5);
  await sealAll(lake);
}
let one: Requests = { put: 0, get: 0 };
let preserving: Requests = { put: 0, get: 0 };
bytes.clear();
for (let i = 0; i < COUNTED_SEALS; i++) {
  const put = await counted(() => preserveOne(lake, 5), COUNTED_SEALS);
  preserving = { put: preserving.put + put.put, get: preserving.get + put.get };
  const sealed = await counted(() => sealAll(lake), COUNTED_SEALS);
  one = { put: one.put + sealed.put, get: one.get + sealed.get };
}
const sealBytes = (bytes.get('beside') ?? 0) / COUNTED_SEALS;
const stateBytes = (bytes.get('state') ?? 0) / COUNTED_SEALS;
for (let i = 0; i < MANY; i++) await preserveOne(lake, 5);
const many = await counted(() => sealAll(lake), 1);
const slope = (kind: 'put' | 'get') => Math.max(0, (many[kind] - one[kind]) / (MANY - 1));
const sealedBody = { put: slope('put'), get: slope('get') };
const files = WARM_SEALS + COUNTED_SEALS + 1;
const compactedFile = await counted(() => compact(lake, { now: LATER * 1000, here: true }), files);
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
const compactCpu = await cpuOf(() => compact(local, { now: LATER * 1000, here: true }));
const after = await dataBytes('tables/', local.vault, EVENT_FILES);
const index = await dataBytes('index/', local.state, /./);
rmSync(folder, { recursive: true, force: true });

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
    compacted: round((after - parquet) / sizes.raw),
    index: round(index / sizes.raw),
  },
  preserve: rounded(preserving),
  seal: rounded({ put: one.put - sealedBody.put, get: one.get - sealedBody.get }),
  sealedBody: rounded(sealedBody),
  sealBytes: round(sealBytes),
  stateBytes: round(stateBytes),
  compactedFile: rounded(compactedFile),
  cpuSeconds: { seal: round(sealCpu / gb), compact: round(compactCpu / gb) },
};
writeFileSync(new URL('../../cost/measured.json', import.meta.url), `${JSON.stringify(measured, null, 2)}\n`);
process.stdout.write(
  `${JSON.stringify(measured, null, 2)}\nRun \`npm run docs\` to bring docs/cost.md up to date.\n`,
);
