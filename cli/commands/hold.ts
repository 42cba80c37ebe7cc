import { nativeViews } from '../../connectors/native-views.ts';
import { connectorById, connectors } from '../../connectors/registry.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { runQuery } from '../../engine/query.ts';
import { AkashiError } from '../../schema/error.ts';
import { type HoldOutcome, MAX_SCOPE, placeHold, releaseHold } from '../../stages/hold.ts';
import { type Chosen, objectsBetween, objectsOfBodies } from '../../stages/hold-objects.ts';
import { readVkey } from '../../stages/ledger.ts';
import { sealWaiting } from '../../stages/seal-waiting.ts';
import { readHolds } from '../../vault/holds.ts';
import { type Lake, openLakeForReading } from '../../vault/lake.ts';
import { type Command, flagOption, type Invocation, textOption } from '../command.ts';
import { BY_OPTIONS, custodian } from '../custody-options.ts';
import { counted, grouped, harmless, jsonText, paint, textTable } from '../terminal.ts';
import { timeOption } from '../time-option.ts';
import { UsageError } from '../usage-error.ts';

export const holdCommand: Command = {
  name: 'hold',
  summary: 'keep what a case needs from removal, whatever its retention date',
  usage: '--case X --sql … | --case X --from T --to T [--source ID] | --case X --release --reason … | --list',
  about:
    'Holds the bodies that the rows of an answer came from, or all bodies with records in a time, with the data files their\n' +
    'rows lie in and the parts of the ledger that prove them. Held objects are counted by case: releasing one case never\n' +
    'releases what another holds. Each hold and release is an entry of the ledger and a link in the chain of custody.\n' +
    'A lake in a folder keeps a hold by refusing to remove; the owner of the disk can go around that, and `akashi verify`\n' +
    'then says so.',
  options: {
    sql: { type: 'string', value: 'sql', help: 'The rows to hold: select * from events where …' },
    from: { type: 'string', value: 'time', help: 'Hold what was recorded from this time on' },
    to: { type: 'string', value: 'time', help: 'Before this time' },
    source: { type: 'string', value: 'ID', help: 'Of this source alone, with --from and --to' },
    release: { type: 'boolean', help: 'Let go of everything the case holds; needs --reason' },
    list: { type: 'boolean', help: 'Show who holds what' },
    ...BY_OPTIONS,
  },
  examples: [
    `akashi hold --case INC-42 --sql "select * from events where actor_name = 'mallory'" --reason "counsel's request"`,
    'akashi hold --case INC-43 --from 2024-03-01 --to 2024-03-08 --source aws.cloudtrail',
    'akashi hold --case INC-42 --release --reason "matter closed"',
    'akashi hold --list',
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  if (flagOption(invocation, 'list')) return list(invocation);
  const by = custodian(invocation);
  if (by.case === null) throw new UsageError('hold needs --case <name>, or --list.');
  const release = flagOption(invocation, 'release');
  const choose = release ? null : chooser(invocation);
  if (release && by.purpose === null) throw new UsageError('a release needs --reason <text>.');
  const lake = await openLakeForReading(invocation.lake);
  const identity = await readVkey(lake.root);
  const request = { case: by.case, by, now: Date.now() * 1000 };
  const chosen = choose === null ? null : await choose.objects(lake);
  const outcome =
    chosen === null
      ? await releaseHold(lake, identity, request)
      : await placeHold(lake, identity, { ...request, scope: choose!.scope, objects: chosen.objects });
  const sealed = await sealWaiting(lake);
  const text = invocation.json
    ? jsonText({ ...facts(outcome), bodies: chosen?.bodies ?? null, sealed })
    : told(outcome, chosen, sealed !== null);
  process.stdout.write(`${text}\n`);
  return 0;
}

interface Chooser {
  readonly scope: string;
  objects(lake: Lake): Promise<Chosen>;
}

/** What is to be held; misuse is told before the lake is opened. */
function chooser(invocation: Invocation): Chooser {
  const sql = textOption(invocation, 'sql');
  const [from, to] = ['from', 'to'].map((name) => timeOption(invocation, name, Date.now()));
  const source = textOption(invocation, 'source') ?? null;
  if (sql !== undefined) {
    if (from !== undefined || to !== undefined || source !== null)
      throw new UsageError('give --sql, or --from and --to, not both; the SQL can name times and sources.');
    return {
      scope: sql.slice(0, MAX_SCOPE).toWellFormed(),
      objects: async (lake) => objectsOfBodies(lake, await bodiesOf(lake, sql)),
    };
  }
  if (from === undefined || to === undefined) throw new UsageError('hold needs --sql, or --from and --to.');
  if (from >= to) throw new UsageError('--from must lie before --to.');
  if (source !== null && connectorById(source) === undefined)
    throw new UsageError(
      `"${source}" is no source. Use one of ${connectors.map(({ id }) => id).join(', ')}.`,
    );
  const range = { from: from * 1000, to: to * 1000 };
  return {
    scope: `${isoOf(from)} to ${isoOf(to)}${source === null ? '' : `, ${source}`}`,
    objects: (lake) => objectsBetween(lake, range, source),
  };
}

const isoOf = (millis: number): string => new Date(millis).toISOString();

/** An answer that decides what is held is never cut short. */
const WHOLE = { maxRows: 1e15, maxBytes: 2 ** 50, timeoutMillis: 86_400_000 };

/** SHA-256 of every body that a row of the answer came from. */
async function bodiesOf(lake: Lake, sql: string): Promise<Set<string>> {
  const answer = await runQuery({
    sql,
    snapshot: await readSnapshot(lake),
    views: nativeViews(),
    limits: WHOLE,
  });
  const names = answer.columns.map(({ name }) => name);
  const at = ['evidence', 'sha256'].map((name) => names.indexOf(name)).find((index) => index >= 0);
  const hashes = new Set<string>();
  for await (const batch of answer)
    if (at !== undefined) for (const row of batch) if (row[at] !== null) hashes.add(String(row[at]));
  if (at === undefined)
    throw new AkashiError(
      'HOLD_NOT_ROWS',
      `The answer has the columns ${names.join(', ')}; a hold needs the column evidence (or sha256 of the table evidence), ` +
        'which says what a row came from: select * from events where …',
    );
  return hashes;
}

const facts = ({ facts: { kind: _, ...recorded }, ...rest }: HoldOutcome) => ({ ...recorded, ...rest });

function told(outcome: HoldOutcome, chosen: Chosen | null, sealed: boolean): string {
  const { facts: hold, already, flagged, shared, missing, enforced } = outcome;
  const name = harmless(hold.case);
  const lines: string[] = [];
  if (chosen === null) {
    lines.push(`${name} released: it held ${counted(hold.objects, 'object')}`);
    if (shared > 0) lines.push(`${grouped(shared)} of them stay held by other cases (akashi hold --list)`);
  } else {
    const what = `${counted(chosen.bodies, 'body').replace('bodys', 'bodies')} and ${counted(chosen.dataFiles, 'data file')}`;
    const proofs = Math.max(0, flagged - chosen.objects.size - 1);
    lines.push(
      already
        ? `${name} holds these ${what} already`
        : `${name} holds ${what} (${counted(chosen.objects.size, 'object')}${proofs === 0 ? '' : `, and ${grouped(proofs)} that prove them`})`,
    );
    if (shared > 0) lines.push(`${grouped(shared)} of them are held by other cases as well`);
  }
  if (missing.length > 0)
    lines.push(
      paint(
        'red',
        `${counted(missing.length, 'object')} not in the store: ${missing.slice(0, 5).map(harmless).join(', ')}`,
      ),
    );
  if (!enforced)
    lines.push(paint('yellow', 'this store keeps no holds: it is on record, and nothing enforces it'));
  if (!already)
    lines.push(
      paint(
        'dim',
        sealed
          ? 'recorded in the ledger'
          : 'another writer is at work: the next seal records it in the ledger, and it is in force now',
      ),
    );
  return lines.join('\n');
}

async function list(invocation: Invocation): Promise<number> {
  const lake = await openLakeForReading(invocation.lake);
  const { record } = await readHolds(lake.state);
  if (invocation.json) {
    const { holds, releases } = record;
    process.stdout.write(`${jsonText({ holds, releases })}\n`);
    return 0;
  }
  if (record.holds.length + record.releases.length === 0) {
    process.stdout.write('no case holds anything\n');
    return 0;
  }
  const line = (state: string, { case: name, at, actor, objects, scope }: HoldOutcome['facts']) => [
    harmless(name),
    new Date(at / 1000).toISOString().slice(0, 19).replace('T', ' '),
    harmless(actor),
    grouped(objects),
    state,
    harmless(scope.replaceAll(/\s+/g, ' ').slice(0, 80)),
  ];
  const rows = [
    ...record.holds.map(({ facts: held, settled }) => line(settled ? 'held' : 'unfinished', held)),
    ...record.releases.map(({ facts: held }) => line('releasing', held)),
  ];
  const columns = [
    { title: 'case' },
    { title: 'since (UTC)' },
    { title: 'by' },
    { title: 'objects', right: true as const },
    { title: 'state' },
    { title: 'what' },
  ];
  process.stdout.write(`${textTable(columns, rows)}\n`);
  return 0;
}
