/** Saved questions as people read them: the list, and all about one. */

import { GROUPS } from '../queries/groups.ts';
import { type Question, questions, questionsLike } from '../queries/question.ts';
import { entry } from './help.ts';
import { counted, folded, foldWidth, paint, textTable } from './terminal.ts';

/** Every question on one line under its group, or as JSON. Throws QUESTION_UNKNOWN where none fits `filter`. */
export function listQuestions(filter: string, json: boolean): string {
  const list = filter === '' ? questions() : questionsLike(filter);
  if (json) return JSON.stringify(list.map(withoutSql));
  const width = Math.max(...list.map(({ name }) => name.length));
  const sections = Object.entries(GROUPS).flatMap(([group, title]) => {
    const members = list.filter((question) => question.group === group);
    if (members.length === 0) return [];
    const lines = members.map(({ name, title: what }) => entry(name, width, what));
    return [[`${paint('bold', group)}: ${title}`, ...lines].join('\n')];
  });
  return [
    ...sections,
    folded(
      `${counted(list.length, 'question')}. \`akashi query --name <question> --help\` tells all about one; ` +
        '`--list <group or word>` shows fewer.',
      foldWidth(),
    ).join('\n'),
  ].join('\n\n');
}

/** What a question asks, what it takes and what to beware of. */
export function describeQuestion(question: Question, json: boolean): string {
  if (json) return `${JSON.stringify(question)}\n`;
  const { name, title, parameters, tables, attack, controls, falsePositives, portable, sql } = question;
  const rows = parameters.map(({ name: parameter, type, default: value, meaning }) => [
    parameter,
    type,
    value === null ? 'must be given' : value === '' ? 'none' : value,
    meaning,
  ]);
  const facts = [
    ['tables', tables.join(', ')],
    ['ATT&CK', attack.join(', ')],
    ['controls', controls.join(', ')],
    ['portable', portable ? 'yes: Trino and Athena read the same text' : 'no: DuckDB only'],
  ].filter(([, text]) => text !== '');
  const example = parameters
    .map(({ name: parameter, default: value }) =>
      value === null ? ` --param ${parameter}=…` : ` [--param ${parameter}=…]`,
    )
    .join('');
  return [
    `${paint('bold', name)}: ${title}`,
    '',
    ...folded(question.question, foldWidth()),
    '',
    `usage: akashi query --name ${name}${example}`,
    '',
    textTable(
      ['parameter', 'type', 'default', 'meaning'].map((column) => ({ title: column })),
      rows,
    ),
    '',
    ...folded(`Beware of: ${falsePositives}`, foldWidth()),
    '',
    ...facts.map(([fact, text]) => `${fact!.padEnd(9)} ${text}`),
    '',
    sql,
    '',
  ].join('\n');
}

const withoutSql = ({ sql: _, ...question }: Question) => question;
