/** Stores bodies of many sizes in every way there is, until it is killed; says a dot a round. */

import { createHash, randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { AkashiError } from '../../schema/error.ts';
import { preserveMany } from '../../vault/evidence.ts';
import { evidenceKey } from '../../vault/keys.ts';
import { openLake } from '../../vault/lake.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';

const lake = await openLake(process.argv[2] ?? '');
const sha256 = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');
const randomBody = () => randomBytes(1 + Math.floor(Math.random() ** 4 * 600_000));

for (let round = 0; ; round++) {
  writeSync(1, '.');
  const head = Buffer.from(`${round} ${randomBytes(2000).toString('hex')}`);
  const version = (await lake.state.stat('head'))?.version ?? null;
  await lake.state.putIfUnchanged('head', head, version).catch((error: AkashiError) => {
    // The other writer was first.
    if (error.code !== 'STORE_CHANGED') throw error;
  });
  await preserveMany(
    lake,
    Array.from({ length: 5 }, () => ({
      source: 'aws.cloudtrail',
      role: 'records',
      body: randomBody(),
      provenance: {
        origin: 'test',
        versionId: null,
        metadata: {},
        modified: null,
        receivedAt: Date.now() * 1000,
        collector: 'test',
      },
    })),
  );
  const body = randomBody();
  const file = { path: lake.scratchPath('.body'), sha256: sha256(body), size: body.length };
  await writeFile(file.path, body);
  await lake.vault.putIfAbsent(
    evidenceKey('linux.auth', file.sha256),
    { ...file, ...(round % 2 === 0 && { disposable: true }) },
    WRITE_KINDS.evidence,
  );
}
