import { AkashiError } from '../../schema/error.ts';
import { readVkey } from '../../stages/ledger.ts';
import type { Stamped, StampResult } from '../../stages/stamp.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import { type Command, type Invocation, textOption } from '../command.ts';
import { grouped, harmless, jsonText, paint } from '../terminal.ts';
import { stampOptions, TSA_TRUST_OPTIONS } from '../tsa-options.ts';

export const stampCommand: Command = {
  name: 'stamp',
  summary: 'have the newest sealed checkpoint time-stamped by an authority (RFC 3161)',
  usage: '[--tsa URL] [--tsa-roots F] [--tsa-policy OID]',
  about:
    'Sends the hash of the newest sealed checkpoint to a time-stamping authority, checks its answer on fourteen points and\n' +
    'keeps it: everything sealed by then existed at that time, in the word of somebody else. The token goes into the ledger\n' +
    'with the next seal. Does nothing when the checkpoint has one; run it from a timer. Credentials, where the authority\n' +
    'wants any, come from AKASHI_TSA_AUTHORIZATION. Without an authority everything else works.',
  options: {
    tsa: { type: 'string', value: 'URL', help: 'Where the authority answers (default: AKASHI_TSA)' },
    ...TSA_TRUST_OPTIONS,
  },
  examples: [
    'akashi stamp --tsa https://tsa.example.com/tsr --tsa-roots ~/keys/tsa-roots.pem',
    'akashi stamp --json',
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const url = textOption(invocation, 'tsa') ?? process.env['AKASHI_TSA'];
  const print = (value: unknown, text: string) =>
    process.stdout.write(`${invocation.json ? jsonText(value) : text}\n`);
  if (url === undefined || url === '') {
    print({ outcome: 'no authority' }, NO_AUTHORITY);
    return 0;
  }
  const result = await stampLake(invocation, url);
  print(result, told(result));
  return 0;
}

const NO_AUTHORITY =
  'No time-stamping authority is named, so nothing was stamped; everything else works without. Name one with --tsa or AKASHI_TSA.';

/** Stamps the lake's newest checkpoint. Loads what that needs only now. */
export async function stampLake(invocation: Invocation, url: string): Promise<StampResult> {
  const options = await stampOptions(invocation, url);
  const lake = await openLakeForReading(invocation.lake);
  const identity = await readVkey(lake.root);
  const { stampNewest } = await import('../../stages/stamp.ts');
  if (identity !== null) return stampNewest(lake, identity, options);
  if ((await lake.state.stat('head')) === null) return { outcome: 'never sealed' };
  throw new AkashiError(
    'KEY_MISSING',
    `"${lake.root}" has no ledger.vkey. Put back the copy you kept, then stamp again.`,
  );
}

/** What was done, for a person. */
export function told(result: StampResult): string {
  if (result.outcome === 'never sealed') return 'Nothing was ever sealed here, so there is nothing to stamp.';
  if (result.outcome === 'nothing new')
    return `The newest checkpoint, of ${grouped(result.size)} entries, has a time-stamp already.`;
  return toldStamp(result.stamp);
}

function toldStamp({ size, time, accuracy, authority, trusted, notes }: Stamped): string {
  const give = accuracy === null ? '' : ` ± ${accuracy / 1e6} s`;
  const lines = [
    `${grouped(size)} entries existed at ${new Date(time / 1000).toISOString()}${give}, says ${harmless(authority)}`,
  ];
  if (!trusted)
    lines.push(
      paint(
        'yellow',
        'Nobody said whom to believe: name the root certificates of the authority with --tsa-roots.',
      ),
    );
  for (const note of notes) lines.push(paint('dim', harmless(note)));
  return lines.join('\n');
}
