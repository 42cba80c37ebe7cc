/** A thread that flips bits of a lake in memory and says which verdicts were not the declared ones. */

import { parentPort, workerData } from 'node:worker_threads';
import { fsck } from '../../ledger/fsck.ts';
import { need } from '../../ledger/outcome.ts';
import { parseVkey } from '../../ledger/vkey.ts';
import { claimReader } from '../../stages/verify/claims.ts';
import { checkObjects } from '../../stages/verify/objects.ts';
import { newVerification } from '../../stages/verify/report.ts';
import { memoryVault } from '../../vault/memory-store.ts';
import { halfOf, noteOf, said, storesOf, verification, type World } from '../stages/memory-lake.ts';
import { changed, classNameOf, flipped, misjudgedFlip, type TamperLake } from '../stages/tamper.ts';

export interface TamperStart {
  readonly world: World;
  readonly vkey: string;
}

/** Every bit of the bytes `from` … `to` of an object; `every` … of them only, one in so many, when above 1. */
export interface TamperTask {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly every: number;
}

export interface TamperAnswer {
  readonly flips: number;
  /** Flips after which the whole lake was verified. */
  readonly whole: number;
  readonly wrong: readonly string[];
}

const { world, vkey } = workerData as TamperStart;
const verifier = need(parseVkey(vkey));
// The same answers, given faster: half a million verifications of a small lake ask about the same few signatures.
const verdicts = new Map<string, boolean>();
const verify = (text: Uint8Array, signature: Uint8Array): boolean => {
  const asked = `${Buffer.from(text).toString('latin1')}\0${Buffer.from(signature).toString('latin1')}`;
  const known = verdicts.get(asked) ?? verifier.verify(text, signature);
  if (verdicts.size < 10_000) verdicts.set(asked, known);
  return known;
};
const identity = { origin: verifier.name, verifiers: [{ ...verifier, verify }] };
Error.stackTraceLimit = 0;
const lake: TamperLake = { before: world, world, identity };

const stores = storesOf(world);
const reader = claimReader([]);
await fsck(stores, identity, await noteOf(stores), { onEntry: (index, bytes) => reader.take(index, bytes) });
const { objects } = reader.claims;

/** Nothing but its hash depends on the bytes of a body, a data file or a sidecar. One in so many is verified whole. */
const ONLY_HASHED = ['evidence', 'data', 'ranges'];
const WHOLE_ONE_IN = 149;

/** What the check of this one object says. */
async function checkAlone(key: string, bytes: Uint8Array): Promise<string[]> {
  const result = newVerification('bytes');
  const claims = { ...reader.claims, objects: new Map([[key, objects.get(key)!]]) };
  const listing = new Map([[key, bytes.length]]);
  const check = { deep: true, listing, sizes: new Map<string, number>(), threads: 1, onObject: () => {} };
  const own = { vault: memoryVault(new Map([[key, bytes]])), state: stores.state };
  await checkObjects(own, claims, check, result);
  return said(result);
}

async function run({ key, from, to, every }: TamperTask): Promise<TamperAnswer> {
  const bytes = halfOf(world, key).get(key)!;
  const quick = ONLY_HASHED.includes(classNameOf(key));
  const wrong: string[] = [];
  let flips = 0;
  let whole = 0;
  for (let bit = from * 8; bit < to * 8; bit += every) {
    const [at, mask] = [Math.floor(bit / 8), bit % 8];
    flips++;
    if (quick) {
      const found = (await checkAlone(key, flipped(bytes, at, mask))).join();
      if (found !== `ALTERED ${key}`) wrong.push(`${key} byte ${at} bit ${mask}: ${found}`);
      if (flips % WHOLE_ONE_IN !== 0) continue;
      const tampered = changed(world, key, (before) => flipped(before, at, mask));
      const all = said(await verification(tampered, identity)).join();
      if (all !== found) wrong.push(`${key} byte ${at} bit ${mask}: alone ${found}, as a whole ${all}`);
    } else {
      const fault = await misjudgedFlip(lake, key, at, mask);
      if (fault !== null) wrong.push(fault);
    }
    whole++;
  }
  return { flips, whole, wrong };
}

const port = parentPort!;
port.on('message', (task: TamperTask) => {
  run(task).then(
    (answer) => port.postMessage(answer),
    (error: unknown) => port.postMessage({ flips: 0, whole: 0, wrong: [`${task.key}: ${String(error)}`] }),
  );
});
