/** The lake of a function: opened once for as long as the instance lives, its local part below /tmp. */

import { readVkey } from '../../stages/ledger.ts';
import type { Lake } from '../../vault/lake.ts';
import { openLake, openLakeForReading } from '../../vault/lake.ts';
import { readEnvironment } from '../environment.ts';

/** Lambda's only writable folder. */
const HOME = '/tmp/akashi';

/**
 * A way to the lake that `AKASHI_LAKE` names. One that failed is tried again by the next run; so is one that was never
 * sealed, whose verifier key is only brought along when it is opened.
 */
export function lakeFor(purpose: 'read' | 'write'): () => Promise<Lake> {
  let opened: Promise<Lake> | null = null;
  return () => {
    const { AKASHI_LAKE: address, AKASHI_HOME: home = HOME } = readEnvironment([
      'AKASHI_LAKE',
      'AKASHI_HOME',
    ]);
    process.env['AKASHI_HOME'] = home;
    opened ??= open(address, purpose).then(
      async (lake) => {
        if ((await readVkey(lake.root)) === null) opened = null;
        return lake;
      },
      (error: unknown) => {
        opened = null;
        throw error;
      },
    );
    return opened;
  };
}

const open = (address: string, purpose: 'read' | 'write'): Promise<Lake> =>
  purpose === 'write' ? openLake(address) : openLakeForReading(address);
