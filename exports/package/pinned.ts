/** One state of a lake for everything that goes into a package, though others write meanwhile. */

import { AkashiError } from '../../schema/error.ts';
import { HEAD_KEY } from '../../vault/keys.ts';
import type { Lake } from '../../vault/lake.ts';

/** The lake with its head as it is now: whoever reads it through the result sees that state. Throws PACKAGE_NOTHING_SEALED. */
export async function pinned(lake: Lake): Promise<Lake> {
  const stat = await lake.state.stat(HEAD_KEY);
  if (stat === null)
    throw new AkashiError(
      'PACKAGE_NOTHING_SEALED',
      'Nothing was ever sealed in this lake, so there is nothing to give out. Collect something first.',
    );
  const head = await lake.state.get(HEAD_KEY);
  return {
    ...lake,
    state: {
      ...lake.state,
      stat: async (key) =>
        key === HEAD_KEY ? { ...stat, size: head.body.length, version: head.version } : lake.state.stat(key),
      get: async (key) => (key === HEAD_KEY ? head : lake.state.get(key)),
    },
  };
}
