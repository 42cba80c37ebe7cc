/**
 * `npm run conformance:servers [name…]`: the contract suite over real servers, each installed if need be, started on
 * loopback and ended. One that cannot be installed or started fails the run.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { ceph } from './ceph.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { moto } from './moto.ts';
import { ACCESS_KEY, SECRET_KEY, type ServerUnderTest } from './server.ts';
import { passes } from './suite.ts';
import type { Target } from './target.ts';
import { versitygw } from './versitygw.ts';

const SERVERS: Readonly<Record<string, ServerUnderTest>> = { ceph, versitygw, moto };
const CREDENTIALS = { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_KEY };

async function makeBuckets({ endpoint, region, vaultBucket, stateBucket }: Target): Promise<void> {
  const client = new S3Client({
    endpoint: endpoint!,
    region: region!,
    forcePathStyle: true,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  await client.send(new CreateBucketCommand({ Bucket: vaultBucket, ObjectLockEnabledForBucket: true }));
  // Comes with Object Lock everywhere but in moto.
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket: vaultBucket, VersioningConfiguration }));
  await client.send(new CreateBucketCommand({ Bucket: stateBucket }));
}

async function tryServer(name: string, { install, start, dialect }: ServerUnderTest): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), `akashi-${name}-`));
  try {
    install();
    const { endpoint, stop } = await start(folder);
    try {
      const buckets = { vaultBucket: 'conformance-vault', stateBucket: 'conformance-state' };
      const target: Target = { name, endpoint, region: 'us-east-1', dialect, ...buckets };
      await makeBuckets(target);
      return passes(target, CREDENTIALS);
    } finally {
      await stop();
    }
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !(name in SERVERS));
if (unknown !== undefined) {
  console.error(`"${unknown}" is no server; there are ${Object.keys(SERVERS).join(', ')}`);
  process.exit(2);
}
const lines: string[] = [];
let failed = false;
for (const [name, server] of Object.entries(SERVERS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const started = performance.now();
  const ok = await tryServer(name, server);
  const { deviations = {}, statuses = {} } = EXCEPTIONS[name] ?? {};
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  lines.push(
    `${name}: ${ok ? 'conforms' : 'FAILED'}, ${Object.keys(deviations).length} listed deviations, ` +
      `${Object.keys(statuses).length} other statuses, ${seconds} s`,
  );
  failed ||= !ok;
}
console.log(`\n${lines.join('\n')}`);
process.exit(failed ? 1 : 0);
