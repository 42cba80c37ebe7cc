/** The options by which a command says who acts, and for what. */

import { visible } from '../engine/format/visible.ts';
import { type Custodian, type Recorder, recorder, systemAccount } from '../stages/custody.ts';
import type { Head } from '../tables/head.ts';
import { readHead } from '../tables/head.ts';
import type { Lake } from '../vault/lake.ts';
import { flagOption, type Invocation, type Options, textOption } from './command.ts';
import { harmless, paint } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export const BY_OPTIONS = {
  case: { type: 'string', value: 'name', help: 'The case it is done for (default: AKASHI_CASE)' },
  by: { type: 'string', value: 'who', help: 'Who does it (default: AKASHI_BY, or the system account)' },
  reason: { type: 'string', value: 'text', help: 'Why, for the custody record' },
} as const satisfies Options;

export const RECORD_OPTIONS = {
  ...BY_OPTIONS,
  'require-custody': {
    type: 'boolean',
    help: 'Fail rather than give anything out when no custody record can be kept',
  },
} as const satisfies Options;

/** Longest name of a case or a person, characters. */
const MAX_NAME = 200;

/** A name as it is recorded: however an editor composes its accents, it is one name. */
export const caseName = (text: string): string => text.normalize('NFC').trim();

/** Who acts; a case is named by `--case`, else by AKASHI_CASE. */
export function custodian(invocation: Invocation): Custodian {
  const account = systemAccount();
  const named = (option: string, variable: string): string | null => {
    const text = textOption(invocation, option) ?? process.env[variable] ?? '';
    if (text.length > MAX_NAME)
      throw new UsageError(
        `--${option} takes at most ${MAX_NAME} characters, but ${text.length} were given.`,
      );
    const name = caseName(text);
    // Two cases whose names look the same would be two chains of custody, each of which looks whole.
    if (visible(name) !== name)
      throw new UsageError(
        `--${option} takes a name that can be read, but "${visible(name)}" has characters that do not show.`,
      );
    return name === '' ? null : name;
  };
  return {
    actor: named('by', 'AKASHI_BY') ?? account,
    account,
    case: named('case', 'AKASHI_CASE'),
    purpose: textOption(invocation, 'reason') ?? null,
  };
}

/** Keeps the records of this invocation; what could not be kept is said on stderr, once. */
export async function recorderFor(invocation: Invocation, lake: Lake, head?: Head): Promise<Recorder> {
  let said = false;
  return recorder(lake.state, head ?? (await readHead(lake.state)).head, custodian(invocation), {
    required: flagOption(invocation, 'require-custody'),
    onRefused: (reason) => {
      if (said) return;
      said = true;
      process.stderr.write(
        `${paint('yellow', 'akashi:', process.stderr)} no custody record could be kept of this: ${harmless(reason)}\n`,
      );
    },
  });
}
