/**
 * Saved questions: one SQL file each, with a header of `-- key: value` lines.
 *
 *     -- title: Everything one person did
 *     -- question: What did this person do, in every cloud, in order?
 *     -- group: who
 *     -- param: who text 'alice' | Part of the person's name, id, session or e-mail
 *     -- tables: events
 *     -- attack: T1078
 *     -- controls: pci:10.2.1.2 soc2:CC6.1 iso27001:A.8.15
 *     -- false-positives: Two people of one name.
 *     -- portable: yes
 *     select … where strpos(lower(actor_name), lower($who)) > 0
 *
 * Portable says that the text is SQL that Trino, and so Athena, reads in the same way. Beside each lies `<name>.cases.json`,
 * described in `cases.ts`.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { AkashiError } from '../schema/error.ts';
import { GROUPS, type GroupName } from './groups.ts';

export type ParameterType = 'text' | 'integer' | 'time';

export interface QuestionParameter {
  readonly name: string;
  readonly type: ParameterType;
  /** As text; null when one must be given. */
  readonly default: string | null;
  readonly meaning: string;
}

export interface Question {
  /** The file's name without its ending. */
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly group: GroupName;
  readonly parameters: readonly QuestionParameter[];
  readonly tables: readonly string[];
  readonly attack: readonly string[];
  readonly controls: readonly string[];
  readonly falsePositives: string;
  readonly portable: boolean;
  readonly sql: string;
}

const FOLDER = new URL('./', import.meta.url);

/** All saved questions, by name. */
export function questions(): Question[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parseQuestion(file.slice(0, -4), readFileSync(new URL(file, FOLDER), 'utf8')));
}

/** Throws QUESTION_UNKNOWN with those whose names are like it. */
export function questionByName(name: string): Question {
  const all = questions();
  const found = all.find((question) => question.name === name);
  if (found !== undefined) return found;
  const words = name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length >= 3);
  const like = all.filter((question) => words.some((word) => question.name.includes(word)));
  const meant = like.length === 0 ? '' : ` Did you mean ${like.map((question) => question.name).join(', ')}?`;
  throw new AkashiError(
    'QUESTION_UNKNOWN',
    `"${name}" is no saved question.${meant} \`akashi query --list\` shows all.`,
  );
}

/**
 * Questions of a group, or else those that say `filter` in their name, title, question, techniques or controls; all
 * without one. Throws QUESTION_UNKNOWN when there are none.
 */
export function questionsLike(filter: string): Question[] {
  const all = questions();
  const wanted = filter.toLowerCase();
  const ofGroup = all.filter(({ group }) => group === wanted);
  if (ofGroup.length > 0) return ofGroup;
  const found = all.filter(({ name, title, question, attack, controls }) =>
    [name, title, question, ...attack, ...controls].some((text) => text.toLowerCase().includes(wanted)),
  );
  if (found.length > 0) return found;
  throw new AkashiError(
    'QUESTION_UNKNOWN',
    `No saved question speaks of "${filter}". The groups are ${Object.keys(GROUPS).join(', ')}.`,
  );
}

const isGroup = (name: string): name is GroupName => Object.hasOwn(GROUPS, name);

const PARAMETER = /^(\w+) (text|integer|time)(?: '((?:[^']|'')*)')? \| (.+)$/;

/** Throws QUESTION_INVALID for a header that leaves something out. */
export function parseQuestion(name: string, text: string): Question {
  const header = new Map<string, string[]>();
  const lines = text.split('\n');
  let at = 0;
  for (; at < lines.length; at++) {
    const match = /^-- ([a-z-]+): (.*)$/.exec(lines[at]!);
    if (match === null) break;
    header.set(match[1]!, [...(header.get(match[1]!) ?? []), match[2]!.trim()]);
  }
  const one = (key: string): string => {
    const value = header.get(key)?.[0];
    if (value === undefined || value === '') throw invalid(name, `it has no "-- ${key}:" line`);
    return value;
  };
  const list = (key: string): string[] =>
    (header.get(key) ?? []).flatMap((value) => value.split(/[ ,]+/)).filter((word) => word !== '');
  const group = one('group');
  if (!isGroup(group))
    throw invalid(name, `"${group}" is no group; there are ${Object.keys(GROUPS).join(', ')}`);
  const portable = one('portable');
  if (!/^(yes|no)$/.test(portable)) throw invalid(name, `portable is yes or no, not "${portable}"`);
  return {
    name,
    title: one('title'),
    question: one('question'),
    group,
    parameters: (header.get('param') ?? []).map((line) => parseParameter(name, line)),
    tables: list('tables'),
    attack: list('attack'),
    controls: list('controls'),
    falsePositives: one('false-positives'),
    portable: portable === 'yes',
    sql: lines.slice(at).join('\n').trim(),
  };
}

function parseParameter(question: string, line: string): QuestionParameter {
  const match = PARAMETER.exec(line);
  if (match === null) throw invalid(question, `"${line}" is not "name type 'default' | meaning"`);
  const [, name, type, fallback, meaning] = match;
  return {
    name: name!,
    type: type as ParameterType,
    default: fallback === undefined ? null : fallback.replaceAll("''", "'"),
    meaning: meaning!,
  };
}

const invalid = (name: string, what: string): AkashiError =>
  new AkashiError('QUESTION_INVALID', `queries/${name}.sql: ${what}`);

/**
 * Values for a question's parameters, defaults where none is given. Throws QUESTION_PARAMETER for one that is missing,
 * unknown or not of its type.
 */
export function bindParameters(
  question: Question,
  given: ReadonlyMap<string, string>,
): Record<string, string | number | Date> {
  const known = question.parameters.map(({ name }) => name);
  for (const name of given.keys()) {
    if (known.includes(name)) continue;
    throw parameterError(question, `it has no parameter "${name}"; it takes ${known.join(', ') || 'none'}`);
  }
  return Object.fromEntries(
    question.parameters.map((parameter) => {
      const text = given.get(parameter.name) ?? parameter.default;
      if (text === null)
        throw parameterError(question, `"${parameter.name}" must be given: ${parameter.meaning}`);
      return [parameter.name, typed(question, parameter, text)];
    }),
  );
}

function typed(question: Question, { name, type }: QuestionParameter, text: string): string | number | Date {
  switch (type) {
    case 'text':
      return text;
    case 'integer': {
      const value = Number(text);
      if (/^-?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
      throw parameterError(question, `"${name}" takes a whole number, but "${text}" was given`);
    }
    case 'time': {
      const value = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
      if (!Number.isNaN(value.getTime())) return value;
      throw parameterError(
        question,
        `"${name}" takes a time such as 2024-01-31 or 2024-01-31T09:00:00Z, but "${text}" was given`,
      );
    }
    default:
      return type satisfies never;
  }
}

const parameterError = (question: Question, what: string): AkashiError =>
  new AkashiError('QUESTION_PARAMETER', `${question.name}: ${what}.`);
