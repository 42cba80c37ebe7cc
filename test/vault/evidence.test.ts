import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  drainPending,
  type PendingItem,
  type PreserveRequest,
  preserve,
  preserveMany,
} from '../../vault/evidence.ts';
import { evidenceKey, makeKey, pendingKey } from '../../vault/keys.ts';
import { type MemoryObjects, memoryState, memoryVault } from '../../vault/memory-store.ts';
import { FaultPlan, faultyState, faultyVault } from './faulty-store.ts';
import { codeOf } from './scratch.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const sha256 = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');

let vaultObjects: MemoryObjects;
let stateObjects: MemoryObjects;
let stores: { vault: ReturnType<typeof memoryVault>; state: ReturnType<typeof memoryState> };
beforeEach(() => {
  vaultObjects = new Map();
  stateObjects = new Map();
  stores = { vault: memoryVault(vaultObjects), state: memoryState(stateObjects) };
});

const request = (body: string, receivedAt = 1): PreserveRequest => ({
  source: 'aws.cloudtrail',
  role: 'records',
  body: bytes(body),
  provenance: {
    origin: 's3://trails/a.json.gz',
    versionId: 'v1',
    metadata: { signature: 'ab' },
    modified: 5,
    receivedAt,
    collector: '0.1.0',
  },
});

async function drained(): Promise<PendingItem[]> {
  const items: PendingItem[] = [];
  for await (const item of drainPending(stores.state)) items.push(item);
  return items;
}

describe('preserve', () => {
  test('stores the body under its hash and its provenance in the inbox', async () => {
    const preserved = await preserve(stores, request('body'));
    const hash = sha256(bytes('body'));
    expect(preserved).toMatchObject({
      sha256: hash,
      size: 4,
      key: evidenceKey('aws.cloudtrail', hash),
      outcome: 'created',
    });
    expect((await stores.vault.get(preserved.key)).body).toEqual(bytes('body'));
    expect(await drained()).toEqual([
      {
        key: preserved.pendingKey,
        manifest: {
          format: 1,
          source: 'aws.cloudtrail',
          role: 'records',
          sha256: hash,
          size: 4,
          ...request('body').provenance,
        },
      },
    ]);
  });

  test('the same request again writes nothing new', async () => {
    const first = await preserve(stores, request('body'));
    const second = await preserve(stores, request('body'));
    expect(second).toEqual({ ...first, outcome: 'exists' });
    expect(await drained()).toHaveLength(1);
  });

  test('the same body from elsewhere is one body with two provenances', async () => {
    await preserve(stores, request('body', 1));
    await preserve(stores, request('body', 2));
    expect(vaultObjects.size).toBe(1);
    expect(await drained()).toHaveLength(2);
  });

  test('an empty log file is preserved as well', async () => {
    expect(await preserve(stores, request(''))).toMatchObject({ size: 0, outcome: 'created' });
    expect(await drained()).toHaveLength(1);
  });

  test('many come back in their order', async () => {
    const bodies = Array.from({ length: 100 }, (_, n) => `body ${n}`);
    const preserved = await preserveMany(
      stores,
      bodies.map((body) => request(body)),
    );
    expect(preserved.map((item) => item.sha256)).toEqual(bodies.map((body) => sha256(bytes(body))));
    expect(await drained()).toHaveLength(100);
  });

  test('a source that cannot be part of a key is refused before anything is stored', async () => {
    expect(await codeOf(preserve(stores, { ...request('body'), source: '../escape' }))).toBe('STORE_BAD_KEY');
    expect(vaultObjects.size + stateObjects.size).toBe(0);
  });
});

describe('every write broken in both ways', () => {
  for (const fault of ['lost', 'stored-but-failed'] as const) {
    for (let at = 1; at <= 6; at++) {
      test(`write ${at} of a batch of three ${fault}: made again, nothing is lost or doubled`, async () => {
        const requests = ['one', 'two', 'three'].map((body) => request(body));
        const plan = new FaultPlan(at, fault);
        const faulty = { vault: faultyVault(stores.vault, plan), state: faultyState(stores.state, plan) };
        expect(await codeOf(preserveMany(faulty, requests))).toBe('STORE_FAILED');
        // Provenance never comes before its body.
        for (const item of await drained()) {
          if (!('manifest' in item)) throw new Error(item.problem);
          expect(await stores.vault.stat(evidenceKey('aws.cloudtrail', item.manifest.sha256))).not.toBeNull();
        }
        await preserveMany(faulty, requests);
        expect(vaultObjects.size).toBe(3);
        expect((await drained()).every((item) => 'manifest' in item)).toBe(true);
        expect(stateObjects.size).toBe(3);
      });
    }
  }
});

describe('what stands in the inbox without being a manifest', () => {
  const put = (key: string, body: string) => stateObjects.set(key, bytes(body));

  test('is reported, and the rest goes on', async () => {
    const good = await preserve(stores, request('good'));
    const cut = '{"format":1';
    const key = pendingKey('0'.repeat(64), sha256(Buffer.from(cut)).slice(0, 16));
    put(key, cut);
    put('pending/readme', 'text');
    const items = await drained();
    expect(items).toHaveLength(3);
    expect(items).toContainEqual({ key: 'pending/readme', problem: expect.stringMatching(/name/) });
    expect(items).toContainEqual({ key, problem: expect.stringMatching(/JSON/) });
    expect(items.filter((item) => 'manifest' in item).map(({ key }) => key)).toEqual([good.pendingKey]);
  });

  test('a manifest altered after it was written is told by its name', async () => {
    const { pendingKey: key } = await preserve(stores, request('body'));
    const altered = new TextDecoder().decode(stateObjects.get(key)).replace('s3://trails', 's3://others');
    put(key, altered);
    expect(await drained()).toEqual([{ key, problem: expect.stringMatching(/altered/) }]);
  });

  test('a manifest under another body’s name is told', async () => {
    const { pendingKey: key } = await preserve(stores, request('body'));
    const body = stateObjects.get(key)!;
    stateObjects.clear();
    const other = pendingKey('1'.repeat(64), sha256(body).slice(0, 16));
    stateObjects.set(other, body);
    expect(await drained()).toEqual([{ key: other, problem: expect.stringMatching(/altered/) }]);
  });

  test('notes for the sealer are not evidence', async () => {
    put(makeKey('note', { kind: 'custody', sha256: '2'.repeat(64) }), '{}');
    expect(await drained()).toEqual([]);
  });

  test('an item removed while draining is passed over', async () => {
    for (let n = 0; n < 200; n++) await preserve(stores, request(`body ${n}`));
    let seen = 0;
    for await (const item of drainPending(stores.state)) {
      expect('manifest' in item).toBe(true);
      seen++;
      for (const key of [...stateObjects.keys()].slice(-50)) stateObjects.delete(key);
    }
    expect(seen).toBeLessThan(200);
  });
});
