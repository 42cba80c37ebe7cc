import { trustedKey } from '../../recovery/identity.ts';
import { type Rebuilt, rebuild } from '../../recovery/rebuild.ts';
import { AkashiError } from '../../schema/error.ts';
import { readKnown } from '../../stages/verify/known.ts';
import { openLake } from '../../vault/lake.ts';
import { type Command, flagOption, textOption } from '../command.ts';
import { BY_OPTIONS, recorderFor } from '../custody-options.ts';
import { FAILED } from '../exit-codes.ts';
import { progressLine } from '../progress.ts';
import { bytesText, counted, folded, foldWidth, grouped, harmless, jsonText, paint } from '../terminal.ts';

export const rebuildCommand: Command = {
  name: 'rebuild',
  summary: 'make what was lost again from the vault: the state store, the index, the tables',
  usage: '[--deep] [--known F] [--public-key F]',
  about:
    'Looks at what is left, and makes the rest again from the vault alone: the head from the newest checkpoint whose\n' +
    'signature and tree verify, holds and newest entries from the ledger, data files from evidence, byte for byte as they\n' +
    'were sealed. Nothing in the vault is replaced or removed. Killed, it is run again. In a lake that lacks nothing it does\n' +
    'nothing. --known names a head remembered outside the lake: without one, nobody can tell a vault that was put back to an\n' +
    'earlier state. docs/recovery.md has the runbook. What cannot be made again so is derived anew and put on record, and\n' +
    'the exit code is 1.',
  options: {
    deep: { type: 'boolean', help: 'Hash every file of a table: one that was altered counts as lost' },
    known: {
      type: 'string',
      value: 'file',
      help: 'Head remembered outside the lake by `akashi verify --known`',
    },
    'public-key': {
      type: 'string',
      value: 'file',
      help: "Verifier key to believe (default: the lake's own ledger.vkey, or what its signing key says)",
    },
    ...BY_OPTIONS,
  },
  examples: [
    'akashi rebuild --known ~/keys/lake.head --public-key ~/keys/lake.vkey',
    'akashi rebuild --lake s3://vault-bucket/?state=state-bucket --json',
  ],
  async run(invocation) {
    const file = textOption(invocation, 'known');
    const known = file === undefined ? null : await readKnown(file);
    if (file !== undefined && known === null)
      throw new AkashiError(
        'KNOWN_UNREADABLE',
        `there is no "${file}": name the head that \`akashi verify --known\` wrote.`,
      );
    const lake = await openLake(invocation.lake);
    const identity = await trustedKey(lake, textOption(invocation, 'public-key'));
    const progress = progressLine('rebuild');
    const result = await rebuild(lake, identity, {
      ...(known === null ? {} : { known: known.note }),
      deep: flagOption(invocation, 'deep'),
      onProgress: (stage, done, total) =>
        progress.update(done, total, `${stage}: ${grouped(done)} of ${grouped(total)}`),
    }).finally(() => progress.clear());
    if (didSomething(result)) {
      const { record } = await recorderFor(invocation, lake);
      const { checkpoint, tables } = result;
      await record({
        action: 'rebuild',
        subject: `head ${result.head}, ${counted(tables.missing, 'table file')} missing, from ${checkpoint.size} entries, root ${checkpoint.root}`,
        result: isWhole(result) ? 'as it was sealed' : 'derived anew in part',
      });
    }
    process.stdout.write(
      `${invocation.json ? jsonText({ ok: isWhole(result), ...result }) : summary(result)}\n`,
    );
    return isWhole(result) ? 0 : FAILED;
  },
};

/** Whether everything is again as it was sealed, with the same bytes. */
const isWhole = ({ derived }: Rebuilt): boolean => derived === null;

const didSomething = ({ head, tables, indexed, holds }: Rebuilt): boolean =>
  (head !== 'same' && head !== 'newer') || tables.missing > 0 || indexed !== null || (holds ?? 0) > 0;

const HEAD: Readonly<Record<Rebuilt['head'], string>> = {
  none: 'there was no head: made again',
  unreadable: 'the head could not be read: made again',
  older: 'the head was older than the vault: made again',
  same: 'the head is there, and is that of the vault',
  newer: 'the head is of a seal that the next writer finishes',
};

function summary(result: Rebuilt): string {
  const { checkpoint, head, holds, orphans, tables, derived, indexed, sealed, passedOver, notes, seconds } =
    result;
  const lines = [
    `${harmless(checkpoint.origin)}, ${grouped(checkpoint.size)} entries, root ${checkpoint.root}`,
    `${HEAD[head]} (${seconds.state.toFixed(1)} s)`,
  ];
  if (holds !== null && holds > 0) lines.push(`holds of ${counted(holds, 'case')} made again`);
  if (orphans !== null && orphans.taken > 0)
    lines.push(`${grouped(orphans.taken)} bodies had been preserved and not sealed: taken in again`);
  lines.push(
    tables.missing === 0
      ? 'no file of a table is missing'
      : `${grouped(tables.restored)} of ${grouped(tables.missing)} missing files of tables made again as they were sealed, ` +
          `${bytesText(tables.bytes)} (${seconds.tables.toFixed(1)} s)`,
  );
  if (indexed !== null)
    lines.push(`the index of ${counted(indexed, 'file')} made anew (${seconds.index.toFixed(1)} s)`);
  if (sealed !== null) lines.push(`sealed since: ${grouped(sealed.size)} entries, root ${sealed.root}`);
  for (const note of notes) lines.push(...folded(harmless(note), foldWidth()));
  for (const { key, problem } of passedOver)
    lines.push(paint('yellow', `not believed: ${harmless(key)}: ${harmless(problem)}`));
  for (const { key, problem } of tables.reasons)
    lines.push(paint('yellow', `${harmless(key)}: ${harmless(problem)}`));
  for (const key of [...tables.lostLive, ...tables.lostLists])
    lines.push(paint('yellow', `not made again as it was: ${harmless(key)}`));
  if (derived !== null)
    lines.push(
      `${counted(derived.rows, 'row')} of ${derived.tables.join(', ') || 'no table'} derived anew, on record`,
    );
  lines.push(
    isWhole(result)
      ? paint('green', 'whole; `akashi verify --deep` reads every byte of it')
      : paint(
          'yellow',
          'the newest snapshot is whole; what is named above is not as it was sealed, and the ledger says so',
        ),
  );
  return lines.join('\n');
}
