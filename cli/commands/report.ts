import { readFile } from 'node:fs/promises';
import type { ReportKind } from '../../exports/report/kind.ts';
import { reportKinds } from '../../exports/report/kinds.ts';
import { monthPeriod, type Period, periodOf, shortInstant } from '../../exports/report/period.ts';
import { makeReport, type Report, writeReport } from '../../exports/report/report.ts';
import { readStatements, type Statements } from '../../exports/report/statements.ts';
import { questionByName } from '../../queries/question.ts';
import type { Deed } from '../../stages/custody.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import { AT_OPTIONS, momentOf } from '../at-option.ts';
import { type Command, type Invocation, listOption, textOption } from '../command.ts';
import { RECORD_OPTIONS, recorderFor } from '../custody-options.ts';
import { emptyFolder, outsideLake } from '../out-place.ts';
import { progressLine } from '../progress.ts';
import { bytesText, counted, grouped, harmless, jsonText } from '../terminal.ts';
import { timeOption } from '../time-option.ts';
import { UsageError } from '../usage-error.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'what the logs show of a standard or a month: HTML, PDF, JSON, OSCAL, samples with their hashes',
  usage: `${reportKinds.map(({ name }) => name).join('|')} --month M|--from T --to T [--out DIR] [--statements F]`,
  about:
    `${reportKinds.map(({ name, summary }) => `${name}: ${summary}.`).join('\n')}\n` +
    'Every number leads to the question, the snapshot and the ledger head it came from; the same snapshot gives the same\n' +
    'bytes. It says what logs show and what needs a person; it never says that a requirement is met.',
  words: 'any',
  options: {
    month: {
      type: 'string',
      value: 'month',
      help: 'All of a month, e.g. 2026-09; in place of --from and --to',
    },
    from: { type: 'string', value: 'time', help: 'Begin of the period, e.g. 2026-09-01' },
    to: { type: 'string', value: 'time', help: 'End of the period, not included' },
    out: {
      type: 'string',
      value: 'folder',
      help: 'Where to write, new or empty (default: named after report and period)',
    },
    param: {
      type: 'string',
      multiple: true,
      value: 'q.k=v',
      help: 'A value for a parameter of a question, e.g. data-access.store=cards',
    },
    statements: {
      type: 'string',
      value: 'file',
      help: 'JSON with what people state where logs say nothing, by name',
    },
    ...AT_OPTIONS,
    ...RECORD_OPTIONS,
  },
  examples: [
    'akashi report monthly --month 2026-09',
    'akashi report pci --from 2026-09-01 --to 2026-10-01',
    'akashi report soc2 --from 2026-01-01 --to 2026-07-01 --out evidence/soc2-h1 --statements statements.json',
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const kind = chosenKind(invocation.words);
  const period = chosenPeriod(invocation);
  const out =
    textOption(invocation, 'out') ??
    `${kind.name}-${[period.from, period.to].map((at) => shortInstant(at).replaceAll(':', '')).join('-to-')}`;
  if (out === '') throw new UsageError('--out takes the name of a folder.');
  await emptyFolder('out', out);
  const statements = await givenStatements(invocation, kind);
  const at = momentOf(invocation);
  const parameters = givenParameters(listOption(invocation, 'param'));
  const lake = await openLakeForReading(invocation.lake);
  await outsideLake('out', out, lake.root);
  const progress = progressLine('report');
  try {
    const report = await makeReport(kind, lake, period, statements, {
      ...(at === null ? {} : { at }),
      parameters,
      onProgress: (done, total, step) => progress.update(done, total, step),
    });
    const { record } = await recorderFor(invocation, lake);
    const deed: Deed = {
      action: 'export',
      subject: `report ${kind.name} from ${period.from.toISOString()} to ${period.to.toISOString()}`,
      rows: report.sampleRows,
      result: `${counted(report.files.length, 'file')} of snapshot ${report.head} to ${out}`,
    };
    await record(deed);
    await writeReport(report, out);
    progress.clear();
    process.stdout.write(`${invocation.json ? asJson(report, out) : told(report, out)}\n`);
    return 0;
  } finally {
    progress.clear();
  }
}

function chosenKind(words: readonly string[]): ReportKind {
  const [name, ...more] = words;
  const names = reportKinds.map((kind) => kind.name).join(', ');
  if (name === undefined) throw new UsageError(`report needs the name of one: ${names}.`);
  if (more.length > 0) throw new UsageError(`report makes one at a time; "${more[0]}" came after "${name}".`);
  const kind = reportKinds.find((one) => one.name === name);
  if (kind === undefined) throw new UsageError(`"${name}" is no report. There are ${names}.`);
  return kind;
}

function chosenPeriod(invocation: Invocation): Period {
  const now = Date.now();
  const month = textOption(invocation, 'month');
  const [from, to] = [timeOption(invocation, 'from', now), timeOption(invocation, 'to', now)];
  if (month !== undefined) {
    if (from === undefined && to === undefined) return monthPeriod(month);
    throw new UsageError('give --month, or --from and --to, not both.');
  }
  if (from === undefined || to === undefined)
    throw new UsageError(
      'report needs --month, such as --month 2026-09, or --from and --to, such as --from 2026-09-01 --to 2026-10-01.',
    );
  return periodOf(new Date(from), new Date(to));
}

/** `question.parameter=value`, checked against the questions there are. */
function givenParameters(list: readonly string[]): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const given = new Map<string, Record<string, string>>();
  for (const text of list) {
    const match = /^([a-z0-9-]+)\.(\w+)=([\s\S]*)$/.exec(text);
    if (match === null)
      throw new UsageError(`--param takes question.parameter=value, but "${text}" was given.`);
    const [, question, name, value] = match;
    if (name === 'since' || name === 'until')
      throw new UsageError(`--param ${question}.${name}: the period is given by --from and --to.`);
    const known = questionByName(question!).parameters.map((parameter) => parameter.name);
    if (!known.includes(name!))
      throw new UsageError(`--param ${question}.${name}: "${question}" takes ${known.join(', ') || 'none'}.`);
    given.set(question!, { ...given.get(question!), [name!]: value! });
  }
  return given;
}

async function givenStatements(invocation: Invocation, kind: ReportKind): Promise<Statements> {
  const file = textOption(invocation, 'statements');
  if (file === undefined) return new Map();
  return readStatements(await readFile(file, 'utf8'), kind.statements);
}

const asJson = ({ files, ...report }: Report, out: string): string =>
  jsonText({ out, ...report, files: files.map(({ path, bytes }) => ({ path, bytes: bytes.length })) });

function told({ title, head, ledger, instant, figures, sampleRows, files }: Report, out: string): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  return [
    `${title}: ${counted(figures, 'figure')}, ${counted(sampleRows, 'event')} drawn`,
    `snapshot ${head}, ${grouped(ledger.size)} ledger entries, as of ${instant}`,
    `${counted(files.length + 1, 'file')} (${bytesText(bytes)}) in ${harmless(out)}; open report.html or report.pdf`,
  ].join('\n');
}
