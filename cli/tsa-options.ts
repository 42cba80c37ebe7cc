/** Options that say which time-stamping authority to ask, and whose time-stamps to believe. */

import type { Certificate } from '../ledger/timestamps/certificate.ts';
import type { StampOptions } from '../stages/stamp.ts';
import type { StampTrust } from '../stages/verify/report.ts';
import { type Invocation, listOption, type Options, textOption } from './command.ts';
import { UsageError } from './usage-error.ts';

export const TSA_TRUST_OPTIONS = {
  'tsa-roots': {
    type: 'string',
    value: 'file',
    help: 'Root certificates of the time-stamping authority, PEM (default: AKASHI_TSA_ROOTS)',
  },
  'tsa-policy': {
    type: 'string',
    multiple: true,
    value: 'OID',
    help: 'Accept only time-stamps made under this policy; may be given several times',
  },
} as const satisfies Options;

/** Throws TSA_ROOTS_UNUSABLE. Libraries are loaded only where roots are given. */
export async function stampTrust(invocation: Invocation): Promise<StampTrust> {
  const file = textOption(invocation, 'tsa-roots') ?? process.env['AKASHI_TSA_ROOTS'];
  const policies = listOption(invocation, 'tsa-policy');
  const wrong = policies.find((policy) => !/^[0-2](\.(0|[1-9]\d*))+$/.test(policy));
  if (wrong !== undefined)
    throw new UsageError(
      `--tsa-policy must be an object identifier like 1.3.6.1.4.1.4146.2.3, and is "${wrong}".`,
    );
  let roots: readonly Certificate[] | null = null;
  if (file !== undefined && file !== '')
    roots = await (await import('../ledger/timestamps/certificate.ts')).readRoots(file);
  return { roots, policies };
}

/** Whom to ask at a URL, and with which credentials. */
export async function stampOptions(invocation: Invocation, url: string): Promise<StampOptions> {
  const authorization = process.env['AKASHI_TSA_AUTHORIZATION'];
  return {
    url,
    ...(await stampTrust(invocation)),
    ...(authorization === undefined ? {} : { authorization }),
  };
}
