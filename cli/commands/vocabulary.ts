import { nativeViews } from '../../connectors/native-views.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { runQuery } from '../../engine/query.ts';
import { resolveAction } from '../../schema/actions/resolve.ts';
import { allActions } from '../../schema/actions/table.ts';
import { type CoverageReport, coverageOf } from '../../stages/field-coverage.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import { type Command, flagOption, type Invocation } from '../command.ts';
import { folded, foldWidth, grouped, harmless, jsonText, paint, textTable } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export const vocabularyCommand: Command = {
  name: 'vocabulary',
  summary: "the actions, what each cloud calls them, and what a lake's logs hold beyond them",
  usage: '[text] | --gaps | --coverage <path…>',
  about:
    'Finds actions by name, title or vendor operation. --gaps lists the operations of the lake that no row of the table\n' +
    'names, most frequent first. --coverage reads logs and shows which of their fields land in a column and which stay in raw,\n' +
    'and how many events fell back to a more general OCSF class.',
  words: 'any',
  options: {
    gaps: { type: 'boolean', help: 'Operations in the lake whose action is only derived' },
    coverage: { type: 'boolean', help: 'Share of source fields that land in a column, for these files' },
  },
  examples: [
    'akashi vocabulary CreateAccessKey',
    'akashi vocabulary logging.trail',
    'akashi vocabulary --gaps',
    'akashi vocabulary --coverage samples',
  ],
  async run(invocation) {
    const text = flagOption(invocation, 'gaps')
      ? await gaps(invocation)
      : flagOption(invocation, 'coverage')
        ? await coverage(invocation)
        : search(invocation);
    process.stdout.write(`${text}\n`);
    return 0;
  },
};

/** Column at which a vendor's operations begin. */
const OPERATIONS_AT = 9;

function search({ words, json }: Invocation): string {
  const wanted = words.join(' ').toLowerCase();
  const found = allActions().filter(({ action, title, operations }) =>
    [action, title, ...Object.values(operations).flat()].some((name) => name.toLowerCase().includes(wanted)),
  );
  if (json) return jsonText(found);
  if (found.length === 0)
    return `no action is called "${harmless(wanted)}", and no operation either; \`akashi vocabulary\` shows all`;
  return found
    .map(({ action, title, operations, class: ocsf, activity, attack }) => {
      const names = Object.entries(operations)
        .filter(([, list]) => list.length > 0)
        .map(([vendor, list]) => {
          const lines = folded(list.join(', '), foldWidth() - OPERATIONS_AT);
          return `  ${paint('dim', vendor.padEnd(6))} ${lines.join(`\n${' '.repeat(OPERATIONS_AT)}`)}`;
        });
      const technique = attack.length === 0 ? '' : `  ${attack.join(' ')}`;
      return `${paint('bold', action)}  ${title}  ${paint('dim', `${ocsf} / ${activity}${technique}`)}\n${names.join('\n')}`;
    })
    .join('\n');
}

async function gaps({ lake: folder, json }: Invocation): Promise<string> {
  const lake = await openLakeForReading(folder);
  const answer = await runQuery({
    sql: 'select source, service, operation, count(*) as events from events where operation is not null group by all order by events desc, operation',
    snapshot: await readSnapshot(lake),
    views: nativeViews(),
  });
  const rows: {
    source: string;
    service: string | null;
    operation: string;
    action: string;
    events: number;
  }[] = [];
  let all = 0;
  for await (const batch of answer) {
    for (const [source, service, operation, count] of batch as (string | null)[][]) {
      const events = Number(count);
      all += events;
      const resolved = resolveAction({
        source: source ?? '',
        service: service ?? null,
        operation: operation ?? null,
      });
      if (resolved.derived)
        rows.push({
          source: source ?? '',
          service: service ?? null,
          operation: operation!,
          action: resolved.action,
          events,
        });
    }
  }
  const derived = rows.reduce((sum, { events }) => sum + events, 0);
  if (json) return jsonText({ events: all, derived, operations: rows });
  const table = textTable(
    [
      { title: 'source' },
      { title: 'service' },
      { title: 'operation' },
      { title: 'derived action' },
      { title: 'events', right: true },
    ],
    rows.map((row) => [
      harmless(row.source),
      harmless(row.service ?? ''),
      harmless(row.operation),
      harmless(row.action),
      grouped(row.events),
    ]),
  );
  const share = all === 0 ? 0 : (100 * (all - derived)) / all;
  return `${rows.length === 0 ? '' : `${table}\n\n`}${share.toFixed(1)} % of ${grouped(all)} events have an action from the table; ${grouped(rows.length)} operations are only derived`;
}

async function coverage({ words, json }: Invocation): Promise<string> {
  if (words.length === 0)
    throw new UsageError('--coverage needs at least one path: `akashi vocabulary --coverage <path…>`.');
  const report = await coverageOf(words);
  return json ? jsonText(report) : coverageText(report);
}

const SHOWN_FIELDS = 12;

function coverageText(report: CoverageReport): string {
  const percent = (part: number, whole: number) =>
    whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;
  const right = true as const;
  const table = textTable(
    [
      { title: 'source' },
      ...['records', 'field values', 'in a column', 'only in raw', 'fell back to a general class'].map(
        (title) => ({ title, right }),
      ),
    ],
    report.sources.map((one) => [
      one.source,
      grouped(one.records),
      grouped(one.values),
      percent(one.landed, one.values),
      percent(one.values - one.landed, one.values),
      percent(one.fellBack, one.events),
    ]),
  );
  const left = report.sources
    .filter(({ onlyInRaw }) => onlyInRaw.length > 0)
    .map(({ source, onlyInRaw }) => {
      const fields = onlyInRaw
        .slice(0, SHOWN_FIELDS)
        .map(({ field, seen }) => `${harmless(field)} (${grouped(seen)})`);
      const more =
        onlyInRaw.length > SHOWN_FIELDS
          ? `, and ${onlyInRaw.length - SHOWN_FIELDS} more (--json lists all)`
          : '';
      const text = `${paint('bold', source)} only in raw: ${fields.join(', ')}${more}`;
      return folded(text, foldWidth()).join('\n');
    });
  return [table, '', ...left, '', 'Nothing is dropped: every record is kept whole in raw.'].join('\n');
}
