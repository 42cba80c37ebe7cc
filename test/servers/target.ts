/** Which server the suite runs over, handed from the command that starts it to the tests. */

import type { Server } from '../vault/s3/subject.ts';

export interface Target extends Server {
  /** Of the server, as `exceptions.ts` lists it; any other has none. */
  readonly name: string;
}

const VARIABLE = 'AKASHI_CONFORMANCE';

export const targetEnvironment = (target: Target): Record<string, string> => ({
  [VARIABLE]: JSON.stringify(target),
});

export function readTarget(): Target {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error(`${VARIABLE} is not set: start this with npm run conformance`);
  return JSON.parse(text) as Target;
}
