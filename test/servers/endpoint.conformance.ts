/** The contract suite over the server that the environment names. */

import { storeConformance } from '../vault/conformance.ts';
import { Subjects } from '../vault/s3/subject.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { readTarget } from './target.ts';

const { name, ...server } = readTarget();
const subjects = new Subjects(server);

storeConformance({
  name,
  newVault: async () => subjects.newVault(),
  newState: async () => subjects.newState(),
  lock: async () => subjects.newLock(),
  ...EXCEPTIONS[name],
});
