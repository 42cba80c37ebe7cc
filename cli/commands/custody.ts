import { type Chain, type ChainLink, readChain } from '../../stages/custody-chain.ts';
import { readVkey } from '../../stages/ledger.ts';
import { sealWaiting } from '../../stages/seal-waiting.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import { type Command, flagOption, type Invocation, textOption } from '../command.ts';
import { caseName } from '../custody-options.ts';
import { counted, grouped, harmless, jsonText, paint, textTable } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export const custodyCommand: Command = {
  name: 'custody',
  summary: 'the chain of custody: who collected, queried, exported, proved and held what, and when',
  usage: '[--case X] [--seal] [--include-sealed --identity F]',
  about:
    'Every record with its number in the ledger and the signed checkpoint that covers it, read from the ledger itself and\n' +
    'checked up to the checkpoint. Records wait in the inbox until the next seal, which a collect or a hold makes, or\n' +
    '--seal; until then they can be removed without a trace by whoever may write in the lake. Sealed records are also rows\n' +
    'of the table custody. Of a disclosure under secrecy the record is sealed: --include-sealed opens those that the identities\n' +
    'in the file open, and checks them against what the ledger commits to.',
  options: {
    case: { type: 'string', value: 'name', help: 'Only the records of this case' },
    seal: { type: 'boolean', help: 'Seal the records that wait first' },
    'include-sealed': { type: 'boolean', help: 'Open the records that are sealed to you' },
    identity: {
      type: 'string',
      value: 'file',
      help: 'age identities to open them with, as age-keygen writes them',
    },
  },
  examples: [
    'akashi custody --case INC-42',
    'akashi custody --seal --json',
    `akashi query "select time, actor, action, rows, subject from custody where case_id = 'INC-42' order by time"`,
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const lake = await openLakeForReading(invocation.lake);
  if (flagOption(invocation, 'seal')) await sealWaiting(lake);
  const given = textOption(invocation, 'case');
  const name = given === undefined ? null : caseName(given);
  const identity = textOption(invocation, 'identity');
  if (flagOption(invocation, 'include-sealed') !== (identity !== undefined))
    throw new UsageError(
      '--include-sealed and --identity go together: what is sealed opens with an identity alone.',
    );
  // Whose case a sealed record is of shows once it is open.
  const whole = await readChain(lake, await readVkey(lake.root), identity === undefined ? name : null);
  const chain = identity === undefined ? whole : ofCase(await opened(whole, identity), name);
  process.stdout.write(`${invocation.json ? asJson(chain) : told(chain, name)}\n`);
  return chain.problems.length > 0 ? 1 : 0;
}

const ofCase = ({ links, problems }: Chain, name: string | null): Chain => ({
  links: links.filter(({ record }) => name === null || record.case === name),
  problems,
});

/** With what is in the sealed records that this identity opens; the others stay as they are. */
async function opened({ links, problems }: Chain, identity: string): Promise<Chain> {
  const { isSealed, unsealRecord } = await import('../../exports/disclosure/sealed-record.ts');
  const all: ChainLink[] = [];
  for (const link of links) {
    const text = isSealed(link.record) ? await unsealRecord(link.record, identity) : null;
    all.push(text === null ? link : { ...link, record: { ...link.record, ...insideOf(text) } });
  }
  return { links: all, problems };
}

function insideOf(text: string): Partial<ChainLink['record']> {
  const { record } = JSON.parse(text) as { record: Record<string, unknown> };
  const word = (name: string): string | null => (typeof record[name] === 'string' ? record[name] : null);
  return {
    actor: word('actor') ?? SEALED,
    account: word('account'),
    case: word('case'),
    purpose: word('purpose'),
    subject: word('subject'),
    parameters: JSON.stringify({ order: record['order'], scope: record['scope'] }),
    rows: typeof record['rows'] === 'number' ? record['rows'] : null,
    result: word('result'),
  };
}

/** In place of who it was, and shown in place of what. */
const SEALED = 'sealed';

const asJson = ({ links, problems }: Chain): string =>
  jsonText({
    records: links.map(({ record: { kind: _, at, ...record }, ...proof }) => ({
      time: new Date(at / 1000).toISOString(),
      ...record,
      ...proof,
    })),
    problems,
  });

/** Characters of a subject that are shown; --json has it whole. */
const SHOWN = 60;

function told({ links, problems }: Chain, name: string | null): string {
  const ends = new Map(links.map((link) => [link.record.completes, link]));
  const rows = links
    .filter(({ record: { completes } }) => completes === null)
    .map((link) => line(link, ends.get(link.record.id) ?? null));
  const lines =
    rows.length === 0
      ? [name === null ? 'no custody record yet' : `no custody record of case ${harmless(name)}`]
      : [textTable([...COLUMNS], rows), '', summary(links)];
  for (const { key, problem } of problems) lines.push(paint('red', `${harmless(key)}: ${problem}`));
  return lines.join('\n');
}

const COLUMNS = [
  { title: 'time (UTC)' },
  { title: 'who' },
  { title: 'case' },
  { title: 'action' },
  { title: 'rows', right: true },
  { title: 'what' },
  { title: 'proof' },
] as const;

function line({ record, index, checkpoint, stamped }: ChainLink, end: ChainLink | null): string[] {
  const { at, actor, account, action, subject, subjectSha256, purpose, parameters } = record;
  const rows = record.rows ?? end?.record.rows ?? null;
  const result = record.result ?? end?.record.result ?? null;
  // A saved question is known by its name; its parameters say more than its first words.
  const question = /^question [a-z0-9-]+(?=: )/.exec(subject ?? '')?.[0];
  const isClosed = actor === SEALED && subject === null;
  const what = [
    question ?? subject ?? `(${isClosed ? 'sealed' : 'text'} with SHA-256 ${subjectSha256})`,
    ...(parameters === null || isClosed ? [] : [parameters]),
  ].join(' ');
  const details = [result, purpose].filter((one) => one !== null).join('; ');
  return [
    new Date(at / 1000).toISOString().slice(0, 19).replace('T', ' '),
    harmless(account === null || actor === account ? actor : `${actor} as ${account}`),
    harmless(record.case ?? ''),
    harmless(action),
    rows === null ? '' : grouped(rows),
    shown(`${what.replaceAll(/\s+/g, ' ')}`) + (details === '' ? '' : ` (${shown(details)})`),
    index === null
      ? 'waits for a seal'
      : `${end?.index == null ? `entry ${grouped(index)}` : `entries ${grouped(index)} and ${grouped(end.index)}`}, checkpoint ${grouped(checkpoint!)}` +
        (stamped === null ? '' : `, time-stamped at ${grouped(stamped)}`),
  ];
}

const shown = (text: string): string =>
  harmless(text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`);

function summary(links: readonly ChainLink[]): string {
  const waiting = links.filter(({ index }) => index === null).length;
  const sealed = links.length - waiting;
  const parts = [
    `${counted(sealed, 'record')} in the ledger, checked up to its signed head`,
    ...(waiting === 0 ? [] : [`${grouped(waiting)} waiting for the next seal`]),
  ];
  return paint('dim', parts.join('; '));
}
