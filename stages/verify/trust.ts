/** Whose signature a verification believes. */

import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { AkashiError } from '../../schema/error.ts';
import { readVkey, VKEY_FILE } from '../ledger.ts';
import { messageOf, type Verification } from './report.ts';

/**
 * The verifier keys in `publicKey`, else in the lake's own `ledger.vkey`; null when that is not there or cannot be read,
 * which is then among the problems if the lake was ever sealed. Throws KEY_MISSING when the file asked for is not there.
 */
export async function trustedIdentity(
  root: string,
  publicKey: string | undefined,
  wasSealed: boolean,
  result: Verification,
): Promise<LogIdentity | null> {
  const own = await ownIdentity(root, result);
  if (publicKey === undefined) {
    if (own === null && wasSealed) {
      const detail = 'it is missing; name a copy with --public-key';
      result.problems.push({ code: 'UNSIGNED', key: VKEY_FILE, detail });
    }
    if (own !== null && own !== 'unreadable') {
      result.caveats.push(
        'The verifier key was read from the lake itself: whoever can replace the whole lake can replace it too. Name a copy kept elsewhere with --public-key.',
      );
      return own;
    }
    return null;
  }
  const trusted = await readVkey(root, publicKey);
  if (trusted === null) {
    throw new AkashiError(
      'KEY_MISSING',
      `there is no "${publicKey}"; name the file with the lake's verifier key.`,
    );
  }
  if (own === null && wasSealed) {
    const detail = 'the lake’s own copy of its verifier key is gone; the next collect writes it again';
    result.problems.push({ code: 'MISSING', key: VKEY_FILE, detail });
  } else if (own !== null && own !== 'unreadable') {
    const listed = new Set(own.verifiers.map(({ vkey }) => vkey));
    if (!trusted.verifiers.every(({ vkey }) => listed.has(vkey))) {
      const detail = `it does not name ${trusted.verifiers.map(({ vkey }) => vkey).join(', ')}, which is believed`;
      result.problems.push({ code: 'ALTERED', key: VKEY_FILE, detail });
    }
  }
  return trusted;
}

async function ownIdentity(root: string, result: Verification): Promise<LogIdentity | 'unreadable' | null> {
  try {
    return await readVkey(root);
  } catch (error) {
    result.problems.push({ code: 'UNREADABLE', key: VKEY_FILE, detail: messageOf(error) });
    return 'unreadable';
  }
}
