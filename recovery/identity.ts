/** Whose checkpoints a rebuild believes: a key kept elsewhere, the lake's own copy, else what the signing key says. */

import { type LogIdentity, openCheckpoint, parseCheckpointText } from '../ledger/checkpoint.ts';
import { parseNote } from '../ledger/note.ts';
import { CHECKPOINT_PREFIX, parseCheckpointKey } from '../ledger/store.ts';
import { AkashiError } from '../schema/error.ts';
import { identityOfKey, readVkey } from '../stages/ledger.ts';
import type { Lake } from '../vault/lake.ts';

/** Throws KEY_MISSING when there is no key to believe, and what reading one throws. */
export async function trustedKey(lake: Lake, publicKey: string | undefined): Promise<LogIdentity> {
  if (publicKey !== undefined) {
    const given = await readVkey(lake.root, publicKey);
    if (given !== null) return given;
    throw new AkashiError(
      'KEY_MISSING',
      `there is no "${publicKey}"; name the file with the lake's verifier key.`,
    );
  }
  const own = (await readVkey(lake.root)) ?? (await ownKey(lake));
  if (own !== null) return own;
  throw new AkashiError(
    'KEY_MISSING',
    'There is no verifier key to believe: the lake has no ledger.vkey, and no signing key is here. Name a copy with --public-key.',
  );
}

/** The name is that in the newest checkpoint that this key did sign. */
async function ownKey(lake: Lake): Promise<LogIdentity | null> {
  const sizes: number[] = [];
  for await (const { key } of lake.vault.list(CHECKPOINT_PREFIX)) sizes.push(parseCheckpointKey(key) ?? -1);
  for (const size of sizes.filter((one) => one >= 0).sort((a, b) => b - a)) {
    const { body } = await lake.vault.get(`${CHECKPOINT_PREFIX}${size}`);
    const note = parseNote(body);
    const text = note.ok ? parseCheckpointText(note.value.text) : null;
    if (text?.ok !== true) continue;
    const identity = await identityOfKey(lake, text.value.origin);
    if (identity === null) return null;
    if (openCheckpoint(body, identity).ok) return identity;
  }
  return null;
}
