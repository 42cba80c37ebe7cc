/**
 * Saved questions: one SQL file each, with a header of `-- key: value` lines.
 *
 *     -- title: Everything one person did
 *     -- question: What did this person do, in every cloud, in order?
 *     -- param: who text 'alice' | Part of the person's name, id, session or e-mail
 *     -- tables: events
 *     select … where actor_name ilike '%' || $who || '%'
 */

import { readdirSync, readFileSync } from 'node:fs';
import { AkashiError } from '../schema/error.ts';

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
  readonly parameters: readonly QuestionParameter[];
  readonly tables: readonly string[];
  readonly attack: readonly string[];
  readonly controls: readonly string[];
  readonly falsePositives: string | null;
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

/** Throws QUESTION_UNKNOWN with the names there are. */
export function questionByName(name: string): Question {
  const all = questions();
  const found = all.find((question) => question.name === name);
  if (found !== undefined) return found;
  const names = all.map((question) => question.name).join(', ');
  throw new AkashiError('QUESTION_UNKNOWN', `"${name}" is no saved question. There are: ${names}.`);
}

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
  const list = (key: string): string[] => (header.get(key) ?? []).flatMap((value) => value.split(/[ ,]+/)).filter((word) => word !== '');
  return {
    name,
    title: one('title'),
    question: one('question'),
    parameters: (header.get('param') ?? []).map((line) => parseParameter(name, line)),
    tables: list('tables'),
    attack: list('attack'),
    controls: list('controls'),
    falsePositives: header.get('false-positives')?.[0] ?? null,
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

const invalid = (name: string, what: string): AkashiError => new AkashiError('QUESTION_INVALID', `queries/${name}.sql: ${what}`);
