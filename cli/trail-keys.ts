/** CloudTrail's public keys as commands ask for them: from files, or from AWS itself. */

import { writeFile } from 'node:fs/promises';
import type { KeyPage } from '../connectors/aws-cloudtrail/public-keys.ts';
import { fetchKeys, gatherKeys, readKeyFiles, type TrailKeys, type Window } from '../ledger/digests/keys.ts';
import { AkashiError } from '../schema/error.ts';
import { flagOption, type Invocation, listOption, type Options, textOption } from './command.ts';
import { UsageError } from './usage-error.ts';

export const KEY_OPTIONS = {
  keys: {
    type: 'string',
    multiple: true,
    value: 'file',
    help: 'Output of `aws cloudtrail list-public-keys`; may be given several times',
  },
  'fetch-keys': {
    type: 'boolean',
    help: 'Ask AWS for the keys of every region that signed what is held (cloudtrail:ListPublicKeys)',
  },
  'save-keys': {
    type: 'string',
    value: 'file',
    help: 'Write the keys fetched to a new file, for --keys later or elsewhere',
  },
} as const satisfies Options;

export interface Span {
  readonly regions: readonly string[];
  readonly window: Window;
}

/** Whether any key is asked for. */
export const wantsKeys = (invocation: Invocation): boolean =>
  listOption(invocation, 'keys').length > 0 || flagOption(invocation, 'fetch-keys');

/** Throws UsageError where the options do not go together. */
export function checkKeyOptions(invocation: Invocation): void {
  if (textOption(invocation, 'save-keys') !== undefined && !flagOption(invocation, 'fetch-keys'))
    throw new UsageError('--save-keys writes the keys that --fetch-keys asks for, which was not given.');
}

/** The keys of the files and, with --fetch-keys, those of AWS for the span. Throws KEYS_UNREADABLE, KEYS_NOT_SAVED. */
export async function trailKeys(invocation: Invocation, span: () => Promise<Span>): Promise<TrailKeys> {
  const given = await readKeyFiles(listOption(invocation, 'keys'));
  if (!flagOption(invocation, 'fetch-keys')) return given;
  const fetched = await fetchSpan(await span(), textOption(invocation, 'save-keys'));
  return gatherKeys([given, fetched].flatMap((some) => [...some.values()].flat()));
}

async function fetchSpan({ regions, window }: Span, file: string | undefined): Promise<TrailKeys> {
  // The SDK is loaded only for who needs it.
  const { listPublicKeys } = await import('../connectors/aws-cloudtrail/public-keys.ts');
  const pages: KeyPage[] = [];
  const keys = await fetchKeys(
    async (request) => {
      const page = await listPublicKeys(request);
      pages.push(page);
      return page;
    },
    regions,
    window,
  );
  if (file !== undefined) await writeKeys(file, pages);
  return keys;
}

/** As the AWS CLI writes them. */
async function writeKeys(file: string, pages: readonly KeyPage[]): Promise<void> {
  const listed = pages.map(({ PublicKeyList = [] }) => ({
    PublicKeyList: PublicKeyList.map((entry) => {
      const { Value, ...rest } = entry as { Value?: Uint8Array };
      return { ...rest, Value: Value === undefined ? '' : Buffer.from(Value).toString('base64') };
    }),
  }));
  try {
    await writeFile(file, `${JSON.stringify(listed, null, 2)}\n`, { flag: 'wx' });
  } catch (cause) {
    throw new AkashiError(
      'KEYS_NOT_SAVED',
      `The keys could not be written to "${file}", which must be a new file: ${(cause as Error).message}`,
      { cause },
    );
  }
}
