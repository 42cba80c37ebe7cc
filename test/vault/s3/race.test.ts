import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openLedger } from '../../../stages/ledger.ts';
import type { Lake } from '../../../vault/lake.ts';
import { scratchFolder } from '../scratch.ts';
import type { Fault } from './double.ts';
import { Machines } from './machines.ts';

const newFolder = scratchFolder();
let machines: Machines;
beforeAll(async () => {
  machines = new Machines(await newFolder());
  await machines.start();
});
afterAll(() => machines.stop());
beforeEach(() => machines.startAfresh());

/** Runs until it succeeds, as a schedule would; tells what the tries before it threw. */
async function untilDone(lake: Lake, path: string): Promise<string[]> {
  const said: string[] = [];
  for (let tries = 0; tries < 30; tries++) {
    try {
      await machines.collect(lake, path);
      return said;
    } catch (error) {
      said.push(String((error as { code?: string }).code));
    }
  }
  throw new Error(`never done: ${said.join(', ')}`);
}

test('writers on three machines race for the head: no fork, nothing lost, nothing twice', async () => {
  await machines.collect(await machines.open('first'), machines.logOf('first'));
  const names = ['a', 'b', 'c'];
  const lakes: Lake[] = [];
  for (const name of names) lakes.push(await machines.open(name));
  const said = await Promise.all(lakes.map((lake, at) => untilDone(lake, machines.logOf(names[at]!))));
  expect(
    said.flat().every((code) => ['STORE_CHANGED', 'LAKE_CHANGED', 'STORE_CONFLICT'].includes(code)),
    String(said),
  ).toBe(true);
  await machines.check(lakes[0]!, 4);
});

test('two machines begin a new lake at once: it has one name, and both write on', async () => {
  const names = ['a', 'b', 'c'];
  const lakes: Lake[] = [];
  for (const name of names) lakes.push(await machines.open(name));
  await Promise.all(lakes.map((lake) => openLedger(lake)));
  for (const [at, name] of names.entries()) await untilDone(lakes[at]!, machines.logOf(name));
  await machines.check(lakes[0]!, 3);
});

test('they race while one answer in ten is an error, a cut or a lie about what was done', async () => {
  await machines.collect(await machines.open('first'), machines.logOf('first'));
  const faults: readonly Fault[] = [
    { kind: 'error', status: 503, code: 'SlowDown' },
    { kind: 'error', status: 500, code: 'InternalError', after: true },
    { kind: 'error', status: 409, code: 'ConditionalRequestConflict' },
    { kind: 'cut' },
    { kind: 'cut', after: true },
    { kind: 'damage' },
  ];
  // The same at every run: what is random would fail once a year.
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const names = ['a', 'b'];
  const lakes: Lake[] = [];
  for (const name of names) lakes.push(await machines.open(name));
  machines.double.fault = () => (next(10) === 0 ? faults[next(faults.length)]! : null);
  await Promise.all(lakes.map((lake, at) => untilDone(lake, machines.logOf(names[at]!))));
  await machines.check(lakes[0]!, 3);
});

/** Every write in turn is in the slow suite. */
test.each([
  ['before it is carried out', { kind: 'cut' }, 1],
  ['after it is carried out', { kind: 'cut', after: true }, 2],
] as const)('the store goes away at a write, %s, and the next run finishes', async (_, fault, from) => {
  await machines.outages(fault, from, 5);
});
