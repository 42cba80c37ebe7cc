/** `akashi export --out F`: the answer to a question as an evidence package. */

import { nativeViews } from '../../connectors/native-views.ts';
import { rowsBetween } from '../../exports/ocsf-selection.ts';
import type { Asked } from '../../exports/package/about.ts';
import type { CustodyPart } from '../../exports/package/custody.ts';
import type { MadePackage } from '../../exports/package/make.ts';
import type { PackageOutput } from '../../exports/package/place.ts';
import type { RecordsMode } from '../../exports/package/records.ts';
import type { RowForm } from '../../exports/package/rows.ts';
import { bindParameters, questionByName } from '../../queries/question.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Deed } from '../../stages/custody.ts';
import { readVkey } from '../../stages/ledger.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import { flagOption, type Invocation, listOption, type Options, textOption } from '../command.ts';
import { custodian, recorderFor } from '../custody-options.ts';
import { outsideLake, placeToMake } from '../out-place.ts';
import { progressLine } from '../progress.ts';
import { bytesText, counted, grouped, harmless, jsonText, paint } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { givenParameters, timeOption } from './export-options.ts';

const MODES: Readonly<Record<string, RecordsMode>> = {
  originals: 'originals',
  slices: 'slices',
  none: 'none',
};
const FORMS = ['csv', 'parquet', 'ocsf'] as const satisfies readonly RowForm[];

export const PACKAGE_OPTIONS = {
  records: {
    type: 'string',
    value: Object.keys(MODES).join('|'),
    help: 'Of a package: whole evidence objects (default), the bytes of the records, or neither',
  },
  rows: {
    type: 'string',
    value: 'list',
    help: 'Of a package: forms of the rows beside JSON lines (default: csv,parquet,ocsf)',
  },
  zip: { type: 'boolean', help: 'Write the package as one zip file' },
  'encrypt-to': {
    type: 'string',
    multiple: true,
    value: 'age1…',
    help: 'Encrypt the zip to this recipient; may be given several times',
  },
  'allow-empty': { type: 'boolean', help: 'Make a package also when nothing matches' },
} as const satisfies Options;

/** Writes the package, on record. Returns the exit code; throws as `makePackage` does, and UsageError. */
export async function runPackage(invocation: Invocation): Promise<number> {
  const output = outputOf(invocation);
  const asked = askedOf(invocation);
  const mode = MODES[textOption(invocation, 'records') ?? 'originals'];
  if (mode === undefined) throw new UsageError(`--records takes ${Object.keys(MODES).join(', ')}.`);
  const forms = formsOf(textOption(invocation, 'rows'), mode);
  const by = custodian(invocation);
  const { checkOutput } = await import('../../exports/package/place.ts');
  await placeToMake('out', output.path);
  await checkOutput(output);
  const lake = await openLakeForReading(invocation.lake);
  await outsideLake('out', output.path, lake.root);
  const identity = await readVkey(lake.root);
  if (identity === null)
    throw new AkashiError(
      'KEY_MISSING',
      `"${lake.root}" has no ledger.vkey. Put back the copy you kept, then export again.`,
    );
  const { record } = await recorderFor(invocation, lake);
  const { custodyPart, packageText } = await import('../../exports/package/custody.ts');
  const { makePackage } = await import('../../exports/package/make.ts');
  const progress = progressLine('export');
  try {
    const made = await makePackage({
      lake,
      identity,
      views: nativeViews(),
      asked,
      mode,
      forms,
      madeFor: by.case === null ? null : { ...by, case: by.case },
      allowEmpty: flagOption(invocation, 'allow-empty'),
      output,
      onProgress: (stage, done, total) =>
        progress.update(done, total, `${stage}: ${stage === 'writing' ? bytesText(done) : grouped(done)}`),
      record: async (rows, manifestSha256): Promise<CustodyPart | null> => {
        const subject = asked.name === null ? asked.sql : `question ${asked.name}: ${asked.sql}`;
        const deed: Deed = { action: 'export', subject, parameters: asked.parameters, rows };
        const id = await record({ ...deed, result: packageText(manifestSha256) });
        return id === null || by.case === null ? null : custodyPart(lake, identity, id);
      },
    });
    progress.clear();
    const facts = { out: output.path, format: 'package', ...made };
    process.stdout.write(`${invocation.json ? jsonText(facts) : summary(made, output)}\n`);
    return 0;
  } finally {
    progress.clear();
  }
}

function outputOf(invocation: Invocation): PackageOutput {
  const path = textOption(invocation, 'out');
  if (path === undefined || path === '') throw new UsageError('export needs --out <path>.');
  const recipients = listOption(invocation, 'encrypt-to');
  if (recipients.length > 0) return { kind: 'age', path, recipients };
  return { kind: flagOption(invocation, 'zip') ? 'zip' : 'folder', path };
}

/** What is asked; misuse is told before the lake is opened. */
function askedOf(invocation: Invocation): Asked {
  const name = textOption(invocation, 'name');
  const sql = textOption(invocation, 'sql');
  const given = givenParameters(listOption(invocation, 'param'));
  const [since, until] = [timeOption(invocation, 'since'), timeOption(invocation, 'until')];
  if (sql !== undefined && name !== undefined) throw new UsageError('give --sql or --name, not both.');
  const isTimed = since !== null || until !== null;
  if (isTimed && (sql !== undefined || name !== undefined))
    throw new UsageError(
      '--since and --until choose rows by themselves; put the times into the SQL or --param.',
    );
  if (name !== undefined) {
    const question = questionByName(name);
    return { name, title: question.title, sql: question.sql, parameters: bindParameters(question, given) };
  }
  if (sql !== undefined) return { name: null, title: null, sql, parameters: Object.fromEntries(given) };
  if (given.size > 0) throw new UsageError('--param needs --sql or --name.');
  if (!isTimed)
    throw new UsageError(
      'a package needs a question: --name <question>, --sql "select …", or --since and --until for all events and flows of a time.',
    );
  const [statement] = rowsBetween(since, until);
  return {
    name: null,
    title: 'All events and flows of a time',
    sql: statement!.sql.replace('FROM events', 'FROM timeline'),
    parameters: statement!.parameters,
  };
}

function formsOf(text: string | undefined, mode: RecordsMode): ReadonlySet<RowForm> {
  const names = text === undefined ? FORMS : text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => name !== 'jsonl' && !FORMS.includes(name as RowForm));
  if (unknown !== undefined)
    throw new UsageError(`--rows takes a list of ${FORMS.join(', ')}, and "${unknown}" is none of them.`);
  // OCSF records are made of whole rows, which an answer without records is not.
  return new Set((names as readonly RowForm[]).filter((name) => mode !== 'none' || name !== 'ocsf'));
}

/** What was written, for a person. */
function summary(made: MadePackage, { path, kind, recipients = [] }: PackageOutput): string {
  const { about, coverage, custody, manifestSha256, stamped, files, written } = made;
  const lines = [
    `${counted(about.rows[0]?.rows ?? 0, 'row')} and ${counted(about.records.count, 'record')} of ${counted(about.records.bodies, 'evidence object')} in ${harmless(path)}: ${counted(files, 'file')}, ${bytesText(written)}${kind === 'age' ? `, encrypted to ${counted(recipients.length, 'recipient')}` : ''}`,
    `manifest ${manifestSha256}, snapshot ${about.snapshot.id}, coverage ${coverage.verdict ?? 'nothing held'}${stamped ? ', time-stamped' : ''}`,
  ];
  if (custody === 'waiting')
    lines.push(
      paint('yellow', 'its custody record waits for a seal, so that no signature covers the rows yet'),
    );
  if (custody === null)
    lines.push(
      paint('dim', 'no signature covers the rows: --case puts a sealed custody record into the package'),
    );
  const { ocsf } = about;
  if (ocsf !== null && ocsf.invalid > 0)
    lines.push(
      paint(
        'red',
        `${counted(ocsf.invalid, 'row')} left out of ocsf.jsonl, as the record would not validate`,
      ),
    );
  return lines.join('\n');
}
