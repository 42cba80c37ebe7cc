/**
 * Measures the ledger: appending in batches, proofs and a full check of a large log, in memory and in a folder.
 * `node bench/ledger.ts [entries]`, 1,000,000 if not given.
 */

import { generateKeyPairSync, hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Draft, encodeEntry } from '../ledger/entry.ts';
import { fsck } from '../ledger/fsck.ts';
import { openLog } from '../ledger/log.ts';
import { leafHash } from '../ledger/merkle.ts';
import { verifyInclusion } from '../ledger/merkle-proof.ts';
import { openSealed } from '../ledger/recover.ts';
import { keySigner, verifierFor } from '../ledger/signer.ts';
import { getIfPresent, type LedgerStores } from '../ledger/store.ts';
import { linkEntries } from '../ledger/stream.ts';
import { folderState } from '../vault/folder-state.ts';
import { folderVault, prepareFolder } from '../vault/folder-store.ts';
import { memoryState, memoryVault } from '../vault/memory-store.ts';

const ENTRIES = Number(process.argv[2] ?? 1_000_000);
const BATCHES = [1000, 10_000];
const APPENDED = 50_000;
/** The large log is filled in larger steps, which is not what is measured. */
const FILL = 20_000;
const PROOFS = 2000;
const ORIGIN = 'example.com/bench';

const signer = keySigner(ORIGIN, generateKeyPairSync('ed25519').privateKey);
const log = { origin: ORIGIN, verifiers: [verifierFor(signer)] };

/** As a collector would write it: about 700 bytes as an entry. */
const evidence = (index: number): Draft => {
  const sha256 = hash('sha256', String(index), 'hex');
  const at = 1_770_000_000_000_000 + index * 1_000_000;
  return {
    kind: 'evidence',
    sha256,
    size: 20_000 + (index % 977),
    source: 'aws.cloudtrail',
    role: 'records',
    origin: `s3://example-trail/AWSLogs/123456789012/CloudTrail/eu-west-1/2026/02/03/123456789012_${index}.json.gz`,
    versionId: '3L4kqtJlcpXroDTDmJrmSpXd3dIbrHY',
    metadata: sha256,
    modified: at,
    receivedAt: at + 5_000_000,
    counts: { records: 40, events: 38, flows: 0, skipped: 2, unreadable: 0 },
    firstTime: at - 300_000_000,
    lastTime: at - 1_000_000,
    mapping: 'aws.cloudtrail/1',
    verdict: null,
  };
};

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
};

/** Seals until the log has `total` entries; everything a sealer does for them is counted, from the draft on. */
async function grow(stores: LedgerStores, total: number, batch: number): Promise<number> {
  const ledger = openLog({ ...stores, ...log, signer });
  let version: string | null = null;
  let tails: ReadonlyMap<string, number> = new Map();
  let { size } = await ledger.recover(async () => {
    const found = await getIfPresent(stores.state, 'head');
    version = found?.version ?? null;
    return found?.body ?? null;
  });
  const before = size;
  const taken = await seconds(async () => {
    while (size < total) {
      const count = Math.min(batch, total - size);
      const linked = linkEntries(
        Array.from({ length: count }, (_, at) => evidence(size + at)),
        size,
        tails,
      );
      tails = linked.tails;
      const prepared = await ledger.prepare(linked.entries.map(encodeEntry));
      await ledger.stage(prepared);
      version = await stores.state.putIfUnchanged('head', prepared.checkpointNote, version);
      await ledger.replay(prepared.stagingBundle, prepared.checkpointNote);
      size += count;
    }
  });
  return (size - before) / taken;
}

function counted(stores: LedgerStores): { stores: LedgerStores; tiles: () => number } {
  let tiles = 0;
  const get = (store: LedgerStores['state' | 'vault']) => (key: string) => {
    if (key.startsWith('ledger/tile/')) tiles++;
    return store.get(key);
  };
  const { vault, state } = stores;
  return {
    stores: { vault: { ...vault, get: get(vault) }, state: { ...state, get: get(state) } },
    tiles: () => tiles,
  };
}

async function proofs(stores: LedgerStores): Promise<void> {
  const head = (await stores.state.get('head')).body;
  const counting = counted(stores);
  let most = 0;
  for (let at = 0; at < 50; at++) {
    const before = counting.tiles();
    const cold = await openSealed(counting.stores, log, head);
    await cold.inclusionProof(Math.floor((cold.size - 1) * (at / 49)));
    most = Math.max(most, counting.tiles() - before);
  }
  const reader = await openSealed(stores, log, head);
  const millis: number[] = [];
  for (let at = 0; at < PROOFS; at++) {
    const index = Math.floor(Math.random() * reader.size);
    const started = performance.now();
    const proof = await reader.inclusionProof(index);
    millis.push(performance.now() - started);
    if (at >= 20) continue;
    for await (const { bytes } of reader.readEntries(index, index + 1)) {
      const holds = verifyInclusion(leafHash(bytes), index, reader.size, proof, reader.root);
      if (!holds) throw new Error(`the proof of entry ${index} does not hold`);
    }
  }
  millis.sort((a, b) => a - b);
  const at = (share: number): string => millis[Math.floor(share * (PROOFS - 1))]!.toFixed(2);
  console.log(
    `  inclusion proof: median ${at(0.5)} ms, p99 ${at(0.99)} ms; cold, at most ${most} tiles read`,
  );
}

async function measure(name: string, fresh: () => Promise<LedgerStores>): Promise<void> {
  console.log(name);
  for (const batch of BATCHES) {
    const small = await fresh();
    await grow(small, 5000, 1000);
    const rate = await grow(small, 5000 + APPENDED, batch);
    console.log(`  append: ${Math.round(rate).toLocaleString('en')} entries/s in batches of ${batch}`);
  }
  const large = await fresh();
  await grow(large, ENTRIES, FILL);
  await proofs(large);
  const head = (await large.state.get('head')).body;
  const taken = await seconds(async () => {
    const { ok, checked } = await fsck(large, log, head);
    if (!ok || checked.entries !== ENTRIES) throw new Error('the check found fault with a clean log');
    console.log(`  check: ${checked.entries} entries, ${(checked.bytes / 1e6).toFixed(0)} MB`);
  });
  console.log(`  check: ${taken.toFixed(2)} s`);
}

await measure('in memory', async () => ({ vault: memoryVault(), state: memoryState() }));

const folders: string[] = [];
try {
  await measure('in a folder', async () => {
    const root = mkdtempSync(join(tmpdir(), 'akashi-ledger-'));
    folders.push(root);
    const [vault, state] = [join(root, 'vault'), join(root, 'state')];
    await prepareFolder(vault);
    await prepareFolder(state);
    return { vault: folderVault(vault), state: folderState(state) };
  });
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true });
}
