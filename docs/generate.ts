/** Writes the pages that are made from data: `npm run docs`. A test fails when they are not up to date. */

import { writeFileSync } from 'node:fs';
import type { Connector } from '../connectors/contract.ts';
import { connectors } from '../connectors/registry.ts';
import { costPage } from '../cost/page.ts';
import { MEMBERS } from '../infra/configuration-shape.ts';
import type { Members } from '../infra/members.ts';
import { GROUPS } from '../queries/groups.ts';
import { type Question, questions } from '../queries/question.ts';
import { type Action, allActions } from '../schema/actions/table.ts';
import { type Column, TABLES } from '../schema/columns.ts';

/** Page name → its text. */
export function pages(): Record<string, string> {
  return {
    'columns.md': columnsPage(),
    'actions.md': actionsPage(),
    'questions.md': questionsPage(),
    'configuration.md': configurationPage(),
    'cost.md': costPage(),
  };
}

function columnsPage(): string {
  const tables = Object.entries(TABLES).map(([table, columns]) => `## ${table}\n\n${columnTable(columns)}`);
  const sources = connectors.map(crosswalkSection);
  return page('Columns', [
    'Every column of every table, and the field that each source takes it from. `akashi columns` prints the same.',
    ...tables,
    '## Where each source says it',
    ...sources,
  ]);
}

function columnTable(columns: readonly Column[]): string {
  const rows = columns.map(({ name, type, ocsf, meaning }) => [
    `\`${name}\``,
    type,
    ocsf === null ? '' : `\`${ocsf}\``,
    meaning,
  ]);
  return table(['column', 'type', 'OCSF', 'meaning'], rows);
}

function crosswalkSection(connector: Connector): string {
  const order = TABLES[connector.table].map(({ name }) => name as string);
  const rows = Object.entries(connector.crosswalk)
    .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
    .map(([column, field]) => [`\`${column}\``, field]);
  return `### ${connector.title} (\`${connector.id}\`)\n\n${connector.formatReference}\n\n${table(['column', 'field'], rows)}`;
}

function actionsPage(): string {
  const domains = Map.groupBy(allActions(), ({ action }) => action.split('.')[0]!);
  const sections = [...domains]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([domain, list]) => `## ${domain}\n\n${actionTable(list)}`);
  return page('Actions', [
    `${allActions().length} canonical actions, \`domain.object.verb\`, and what each cloud calls them. An operation that is in no ` +
      'row gets an action derived by rule; `akashi vocabulary --gaps` lists those a lake holds. The rows are the CSV files in ' +
      '`schema/actions/`.',
    ...sections,
  ]);
}

/** Most methods have several spellings; this many show which operation is meant, the CSV files hold all. */
const SHOWN_NAMES = 2;

function actionTable(list: readonly Action[]): string {
  const rows = list.map((action) => [
    `\`${action.action}\``,
    action.title,
    Object.entries(action.operations)
      .filter(([, names]) => names.length > 0)
      .map(([vendor, names]) => `${vendor}: ${shownNames(names)}`)
      .join('<br>'),
    `${action.class} / ${action.activity}`,
    action.attack.join(' '),
  ]);
  return table(['action', 'meaning', 'operations', 'OCSF', 'ATT&CK'], rows);
}

function shownNames(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).map((name) => `\`${name}\``);
  return names.length > SHOWN_NAMES
    ? `${shown.join(', ')} and ${names.length - SHOWN_NAMES} more`
    : shown.join(', ');
}

function questionsPage(): string {
  const all = questions();
  const sections = Object.entries(GROUPS).map(([group, title]) => {
    const members = all.filter((question) => question.group === group);
    return [`## ${title} (\`${group}\`)`, ...members.map(questionSection)].join('\n\n');
  });
  return page('Saved questions', [
    `${all.length} questions in \`queries/\`, each one SQL over the tables and words of this project, whatever the cloud. ` +
      '`akashi query --list` lists them, `akashi query --name <question> --param name=value` asks one, `--help` with it shows ' +
      'its SQL. Those called portable are SQL that Trino, and so Athena, reads too.',
    ...sections,
  ]);
}

function questionSection(question: Question): string {
  const { name, title, tables, attack, controls, portable } = question;
  const facts = [
    `Tables: ${tables.map((one) => `\`${one}\``).join(', ')}`,
    ...(attack.length === 0 ? [] : [`ATT&CK: ${attack.join(', ')}`]),
    `controls: ${controls.join(', ')}`,
    portable ? 'portable' : 'DuckDB only',
  ];
  const rows = question.parameters.map(({ name: parameter, type, default: value, meaning }) => [
    `\`${parameter}\``,
    type,
    value === null ? 'must be given' : value === '' ? '' : `\`${value}\``,
    meaning,
  ]);
  return [
    `### ${name}: ${title}`,
    question.question,
    table(['parameter', 'type', 'default', 'meaning'], rows),
    `Beware of: ${question.falsePositives}`,
    `${facts.join(' · ')}`,
  ].join('\n\n');
}

function configurationPage(): string {
  return page('Configuration of a deployment', [
    'Every property of `audit-trail.json`, and of `new AuditTrail(…)` in TypeScript. A property that is none of these is ' +
      'refused, and so is a value that breaks its rule, before anything is made: with the value, the rule and the way out. ' +
      '`infra/example/audit-trail.json` has all of them, `infra/example/trial.json` the fewest. [How to deploy](deploy.md).',
    table(['property', 'meaning'], configurationRows(MEMBERS, '')),
    'The entries of `connectors` are those of [`akashi pull`](pull.md): `connector`, `delivery`, `name` and the settings of that delivery.',
  ]);
}

const configurationRows = (members: Members, prefix: string): string[][] =>
  Object.entries(members).flatMap(([name, member]) => [
    [`\`${prefix}${name}\``, member.help],
    ...(member.type === 'group' ? configurationRows(member.members, `${prefix}${name}.`) : []),
  ]);

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

const page = (title: string, parts: readonly string[]): string =>
  [
    `# ${title}`,
    '<!-- Made from data by `npm run docs`; change the data, not this page. -->',
    ...parts,
    '',
  ].join('\n\n');

if (import.meta.main) {
  for (const [name, text] of Object.entries(pages()))
    writeFileSync(new URL(`./${name}`, import.meta.url), text);
}
