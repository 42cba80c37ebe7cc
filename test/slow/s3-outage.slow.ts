import { afterAll, beforeAll, beforeEach, test } from 'vitest';
import { Machines } from '../vault/s3/machines.ts';
import { scratchFolder } from '../vault/scratch.ts';

const newFolder = scratchFolder();
let machines: Machines;
beforeAll(async () => {
  machines = new Machines(await newFolder());
  await machines.start();
});
afterAll(() => machines.stop());
beforeEach(() => machines.startAfresh());

test.each([
  ['before it is carried out', { kind: 'cut' }],
  ['after it is carried out', { kind: 'cut', after: true }],
] as const)(
  'the store goes away at each write of a collect, %s, and the next run finishes',
  async (_, fault) => {
    await machines.outages(fault, 1, 1);
  },
);
