import { afterAll, beforeAll } from 'vitest';
import { storeConformance } from '../conformance.ts';
import { S3Double } from './double.ts';
import { Subjects, useTestCredentials } from './subject.ts';

useTestCredentials();
// Small pages, so that every listing is one of several.
const double = new S3Double({ pageKeys: 7 });
double.addBucket('vault', true);
double.addBucket('state', false);
let subjects: Subjects;

beforeAll(async () => {
  const endpoint = await double.start();
  subjects = new Subjects({
    endpoint,
    region: null,
    dialect: 'aws',
    vaultBucket: 'vault',
    stateBucket: 'state',
  });
});
afterAll(() => double.stop());

storeConformance({
  name: 'S3 double',
  newVault: async () => subjects.newVault(),
  newState: async () => subjects.newState(),
  lock: async () => {
    double.now = () => new Date();
    return subjects.newLock(async (date) => {
      double.now = () => new Date(date.getTime() + 1);
    });
  },
  skips: {
    '160 MB go in and out in flat memory': 'the double keeps bodies in this process; real servers show it',
  },
});
