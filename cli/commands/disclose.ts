import { nativeViews } from '../../connectors/native-views.ts';
import type { Order, Scope } from '../../exports/disclosure/scope.ts';
import type { CustodyPart } from '../../exports/package/custody.ts';
import type { PackageOutput } from '../../exports/package/place.ts';
import type { LogIdentity } from '../../ledger/checkpoint.ts';
import { AkashiError } from '../../schema/error.ts';
import { type Custodian, custodyDraft } from '../../stages/custody.ts';
import { readVkey } from '../../stages/ledger.ts';
import { putNote } from '../../stages/notes.ts';
import { readHead } from '../../tables/head.ts';
import { type Lake, openLakeForReading } from '../../vault/lake.ts';
import { type Command, flagOption, type Invocation, listOption, textOption } from '../command.ts';
import { BY_OPTIONS, custodian } from '../custody-options.ts';
import { outsideLake, placeToMake } from '../out-place.ts';
import { progressLine } from '../progress.ts';
import { bytesText, counted, grouped, harmless, jsonText, paint } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { timeOption } from './export-options.ts';

const TYPES = 'jp-provision, us-2703d, us-subpoena, us-warrant, eu-production, or its own name';

export const discloseCommand: Command = {
  name: 'disclose',
  summary: 'give out the records that a lawful order names, and nothing beyond its scope',
  usage:
    '--authority A --order-type T --order-number N --order-date D --person-in-charge P --since T --until T --principal P… | --account A… --out F [--secret --seal-to age1…]',
  about:
    'Makes a package with the whole records of these principals, accounts and period alone: no evidence object, no ledger\n' +
    'entry and no coverage of others, proofs by hash, cover page and terms in English and Japanese, and its own custody\n' +
    'record, without which nothing leaves. Principals are matched letter for letter with actor_id, actor_name,\n' +
    'actor_principal, actor_on_behalf_of and actor_credential. --secret seals the custody record to those of --seal-to (age):\n' +
    'the ledger shows that there is one; `akashi custody --include-sealed --identity F` opens it.',
  options: {
    authority: { type: 'string', value: 'name', help: 'Who ordered it' },
    'order-type': { type: 'string', value: 'type', help: TYPES },
    'order-number': { type: 'string', value: 'number', help: 'Number of the order' },
    'order-date': { type: 'string', value: 'date', help: 'Its date, e.g. 2026-11-20' },
    'person-in-charge': { type: 'string', value: 'name', help: 'Who carries it out here' },
    principal: {
      type: 'string',
      multiple: true,
      value: 'name',
      help: 'Records of this principal; may be given several times',
    },
    account: {
      type: 'string',
      multiple: true,
      value: 'account',
      help: 'Records in this account; may be given several times',
    },
    since: { type: 'string', value: 'time', help: 'From this time on, e.g. 2026-03-01' },
    until: { type: 'string', value: 'time', help: 'Before this time' },
    out: { type: 'string', value: 'path', help: 'The folder or file to write' },
    zip: { type: 'boolean', help: 'Write it as one zip file' },
    'encrypt-to': {
      type: 'string',
      multiple: true,
      value: 'age1…',
      help: 'Encrypt the zip to this recipient',
    },
    secret: { type: 'boolean', help: 'Secrecy was ordered: seal the custody record' },
    'seal-to': {
      type: 'string',
      multiple: true,
      value: 'age1…',
      help: 'Who can open the sealed record; may be given several times',
    },
    ...BY_OPTIONS,
  },
  examples: [
    'akashi disclose --authority "Tokyo District Court" --order-type jp-provision --order-number "2026-123" --order-date 2026-11-20 --person-in-charge "A. Sato" --principal alice@example.com --since 2026-03-01 --until 2026-04-01 --out disclosure/',
    'akashi disclose … --account 111122223333 --secret --seal-to age1… --encrypt-to age1… --out disclosure.zip.age',
    'akashi custody --include-sealed --identity auditor.txt',
  ],
  run,
};

/** Longest text of an order's field, characters. */
const MAX_TEXT = 300;

async function run(invocation: Invocation): Promise<number> {
  const order = orderOf(invocation);
  const scope = scopeOf(invocation);
  const output = outputOf(invocation);
  const secret = flagOption(invocation, 'secret');
  const recipients = listOption(invocation, 'seal-to');
  if (secret !== recipients.length > 0)
    throw new UsageError(
      '--secret and --seal-to go together: a sealed record that nobody can open would be hidden from its auditor too.',
    );
  const { checkScope } = await import('../../exports/disclosure/scope.ts');
  checkScope(scope);
  const { checkOutput } = await import('../../exports/package/place.ts');
  await placeToMake('out', output.path);
  await checkOutput(output);
  const lake = await openLakeForReading(invocation.lake);
  await outsideLake('out', output.path, lake.root);
  const identity = await readVkey(lake.root);
  if (identity === null)
    throw new AkashiError(
      'KEY_MISSING',
      `"${lake.root}" has no ledger.vkey. Put back the copy you kept, then disclose again.`,
    );
  const { makeDisclosure } = await import('../../exports/disclosure/make.ts');
  const progress = progressLine('disclose');
  try {
    const by = custodian(invocation);
    const made = await makeDisclosure({
      lake,
      identity,
      views: nativeViews(),
      scope,
      order,
      secret,
      output,
      now: Date.now(),
      onProgress: (stage, done, total) => progress.update(done, total, `${stage}: ${grouped(done)}`),
      record: (records, manifestSha256) =>
        putOnRecord({ lake, identity, by, order, scope, records, manifestSha256, recipients }),
    });
    progress.clear();
    const { records, bodies, manifestSha256, files, written, sealed } = made;
    const lines = [
      `${counted(records, 'record')} from ${counted(bodies, 'evidence object')} in ${harmless(output.path)}: ${counted(files, 'file')}, ${bytesText(written)}`,
      `manifest ${manifestSha256}${secret ? ', custody record sealed' : ''}`,
      ...(sealed ? [] : [paint('yellow', 'its custody record waits for a seal: run akashi custody --seal')]),
    ];
    process.stdout.write(
      `${invocation.json ? jsonText({ out: output.path, secret, ...made }) : lines.join('\n')}\n`,
    );
    return 0;
  } finally {
    progress.clear();
  }
}

interface OnRecord {
  readonly lake: Lake;
  readonly identity: LogIdentity;
  readonly by: Custodian;
  readonly order: Order;
  readonly scope: Scope;
  readonly records: number;
  readonly manifestSha256: string;
  readonly recipients: readonly string[];
}

/** Nothing leaves without it: what the store refuses ends the disclosure. */
async function putOnRecord(facts: OnRecord): Promise<CustodyPart> {
  const { lake, identity, by, order, scope, records, manifestSha256, recipients } = facts;
  const { custodyPart, packageText } = await import('../../exports/package/custody.ts');
  const { scopeFacts } = await import('../../exports/disclosure/scope.ts');
  const { head } = await readHead(lake.state);
  const at = Date.now() * 1000;
  const subject = `disclosure of ${order.type} ${order.number} of ${order.authority}`;
  const parameters = { order, scope: scopeFacts(scope) };
  const result = packageText(manifestSha256);
  if (recipients.length === 0) {
    const draft = custodyDraft(
      by,
      head,
      { action: 'export', subject, parameters, rows: records, result },
      at,
    );
    await putNote(lake.state, draft);
    return custodyPart(lake, identity, draft.id);
  }
  const { sealRecord } = await import('../../exports/disclosure/sealed-record.ts');
  const { textFile } = await import('../../exports/package/bag.ts');
  const inside = {
    action: 'export',
    ...by,
    at,
    subject,
    order: { ...order },
    scope: scopeFacts(scope),
    rows: records,
    result,
  };
  const { draft, opened } = await sealRecord(inside, recipients, head, at);
  await putNote(lake.state, draft);
  const { files, sealed } = await custodyPart(lake, identity, draft.id);
  return { files: [...files, textFile('custody/opened.json', opened)], sealed };
}

function orderOf(invocation: Invocation): Order {
  const text = (name: string): string => {
    const value = (textOption(invocation, name) ?? '').normalize('NFC').trim();
    if (value === '' || value.length > MAX_TEXT)
      throw new UsageError(`disclose needs --${name}, a text of at most ${MAX_TEXT} characters.`);
    return value;
  };
  const date = text('order-date');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(Date.parse(date)))
    throw new UsageError(`--order-date takes a date such as 2026-11-20, but "${date}" was given.`);
  return {
    authority: text('authority'),
    type: text('order-type'),
    number: text('order-number'),
    date,
    personInCharge: text('person-in-charge'),
  };
}

function scopeOf(invocation: Invocation): Scope {
  const [since, until] = [timeOption(invocation, 'since'), timeOption(invocation, 'until')];
  if (since === null || until === null)
    throw new UsageError('disclose needs --since and --until: a disclosure is of a period.');
  return {
    principals: listOption(invocation, 'principal'),
    accounts: listOption(invocation, 'account'),
    since,
    until,
  };
}

function outputOf(invocation: Invocation): PackageOutput {
  const path = textOption(invocation, 'out');
  if (path === undefined || path === '') throw new UsageError('disclose needs --out <path>.');
  const recipients = listOption(invocation, 'encrypt-to');
  if (recipients.length > 0) return { kind: 'age', path, recipients };
  return { kind: flagOption(invocation, 'zip') ? 'zip' : 'folder', path };
}
