import type { Verification } from '../../stages/verify/report.ts';
import { verify } from '../../stages/verify/verify.ts';
import { type Lake, openLakeForReading } from '../../vault/lake.ts';
import { type Command, flagOption, type Invocation, textOption } from '../command.ts';
import { RECORD_OPTIONS, recorderFor } from '../custody-options.ts';
import { fileToWrite } from '../out-place.ts';
import { progressLine } from '../progress.ts';
import { bytesText, counted, folded, foldWidth, grouped, harmless, jsonText, paint } from '../terminal.ts';
import { stampTrust, TSA_TRUST_OPTIONS } from '../tsa-options.ts';
import { UsageError } from '../usage-error.ts';
import { runVerifyPackage } from './verify-package.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'check the lake against its ledger, or an evidence package, from bytes and a public key alone',
  usage: '[<package>] [--deep] [--rederive] [--public-key F] [--known F [--due]] [--tsa-roots F] [--record]',
  about:
    'Checks the ledger up to its signed checkpoint, that everything it names is there, and that nothing else is. --deep\n' +
    'hashes every byte again; --rederive also derives every row again from its evidence. Names what was altered, removed\n' +
    'or added. --public-key, --known and --tsa-roots are what a lake cannot say of itself: keep them elsewhere. Writes\n' +
    'nothing into the lake, but for the custody record that --record puts there. Exit code 1 when anything is wrong. With the\n' +
    'name of a package (a folder, a zip, or one encrypted with age) that is checked instead, and no lake is needed.',
  words: 'any',
  options: {
    deep: { type: 'boolean', help: 'Hash every stored byte' },
    rederive: { type: 'boolean', help: 'Derive every row again from its evidence' },
    'public-key': {
      type: 'string',
      value: 'file',
      help: "Verifier key to believe (default: the lake's own ledger.vkey)",
    },
    known: {
      type: 'string',
      value: 'file',
      help: 'Head remembered outside the lake; written when all is well',
    },
    due: {
      type: 'boolean',
      help: 'With --known, on S3: ask for locks, and read sealed checkpoints, of what came since that head and of a share that changes daily, all within 28 days; all of them unless given',
    },
    ...TSA_TRUST_OPTIONS,
    identity: { type: 'string', value: 'file', help: 'Your age identity, for an encrypted package' },
    record: { type: 'boolean', help: 'Put the outcome on record in the chain of custody' },
    ...RECORD_OPTIONS,
  },
  examples: [
    'akashi verify --deep',
    'akashi verify --tsa-roots ~/keys/tsa-roots.pem',
    'akashi verify --deep --rederive --public-key ~/keys/lake.vkey --known ~/keys/lake.head',
    'akashi verify --lake /srv/lake --json',
    'akashi verify inc-42.zip --public-key ~/keys/lake.vkey',
  ],
  async run(invocation) {
    if (invocation.words.length > 0) return runVerifyPackage(invocation);
    if (textOption(invocation, 'identity') !== undefined)
      throw new UsageError('--identity is for an encrypted package: `akashi verify <package>`.');
    const progress = progressLine('verify');
    const publicKey = textOption(invocation, 'public-key');
    const known = textOption(invocation, 'known');
    if (known !== undefined) await fileToWrite('known', known);
    const onlyDue = flagOption(invocation, 'due');
    if (onlyDue && known === undefined)
      throw new UsageError('--due goes by a head remembered from before: name it with --known.');
    try {
      const lake = await openLakeForReading(invocation.lake);
      const result = await verify(lake, {
        deep: flagOption(invocation, 'deep'),
        rederive: flagOption(invocation, 'rederive'),
        onlyDue,
        ...(publicKey === undefined ? {} : { publicKey }),
        ...(known === undefined ? {} : { known }),
        stamps: await stampTrust(invocation),
        onProgress: (stage, done, total) =>
          progress.update(done, total, `${stage}: ${grouped(done)} of ${grouped(total)}`),
      });
      progress.clear();
      if (flagOption(invocation, 'record')) await keepRecord(invocation, lake, result);
      process.stdout.write(`${invocation.json ? jsonText(result) : verdict(result)}\n`);
      return result.ok ? 0 : 1;
    } finally {
      progress.clear();
    }
  },
};

async function keepRecord(invocation: Invocation, lake: Lake, result: Verification): Promise<void> {
  const { level, rederived, checkpoint, problems } = result;
  const { record } = await recorderFor(invocation, lake);
  const depth = `${level}${rederived === null ? '' : ' and rows derived again'}`;
  const head =
    checkpoint === null ? 'a lake never sealed' : `${checkpoint.size} entries, root ${checkpoint.root}`;
  const said = problems.length === 0 ? 'nothing wrong' : counted(problems.length, 'problem');
  await record({ action: 'verify', subject: `${depth}: ${head}`, result: said });
}

const SHOWN = 50;
const NEVER_SEALED = 'nothing was ever sealed here, so there is nothing to verify';

/** No more than was looked at. */
const INTACT: Readonly<Record<Verification['level'], string>> = {
  structure: 'nothing missing, nothing added, the ledger whole; contents were not hashed, --deep does that',
  bytes: 'intact: nothing altered, nothing missing, nothing added',
};

export function verdict(result: Verification): string {
  const { evidence, data, ledger, bytes, problems, orphans, foreign, caveats, rederived, checkpoint } =
    result;
  const how = result.level === 'bytes' ? 're-hashed' : 'present';
  const lines = [
    `${grouped(evidence.checked)} evidence objects and ${grouped(data.checked)} table files ${how}; ledger of ` +
      `${grouped(ledger.entries)} entries${result.ok ? ' whole' : ''}; ${bytesText(bytes)} read`,
  ];
  if (rederived !== null) {
    const left =
      rederived.notCheckable > 0
        ? `; ${grouped(rederived.notCheckable)} bodies not checkable with this version's mappings`
        : '';
    lines.push(
      `${grouped(rederived.rows)} rows derived again from ${grouped(rederived.bodies)} bodies${left}`,
    );
  }
  if (checkpoint !== null)
    lines.push(
      `${harmless(checkpoint.origin)}, ${grouped(checkpoint.size)} entries, root ${checkpoint.root}`,
    );
  const { good, trusted, newest } = result.timestamps;
  if (newest !== null)
    lines.push(
      `${counted(good, 'time-stamp')}, the newest over the first ${grouped(newest.size)} entries: ${newest.time} by ` +
        `${harmless(newest.authority)}${trusted ? '' : ', whom no root given vouches for'}`,
    );
  if (orphans.length > 0)
    lines.push(
      paint(
        'yellow',
        `${grouped(orphans.length)} files of an interrupted run are in no seal; nobody reads them`,
      ),
    );
  if (foreign.length > 0)
    lines.push(paint('yellow', `no part of the lake: ${foreign.map(harmless).join(', ')}`));
  for (const caveat of caveats)
    lines.push(...folded(harmless(caveat), foldWidth()).map((line) => paint('dim', line)));
  for (const { code, key, detail } of problems.slice(0, SHOWN))
    lines.push(paint('red', `${code} ${harmless(key)}: ${harmless(detail)}`));
  if (problems.length > SHOWN)
    lines.push(paint('red', `and ${grouped(problems.length - SHOWN)} more (--json lists all)`));
  lines.push(
    problems.length === 0
      ? paint('green', checkpoint === null ? NEVER_SEALED : INTACT[result.level])
      : paint('red', counted(problems.length, 'problem')),
  );
  return lines.join('\n');
}
