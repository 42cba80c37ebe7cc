/** Members of a configuration by their shape: data that reading, types and documentation share. */

import { meant } from '../schema/edit-distance.ts';
import { AkashiError } from '../schema/error.ts';

interface Pattern {
  readonly test: RegExp;
  readonly rule: string;
}

/** One member. `help` says what it means with its unit and default, as documentation prints it. */
export type Member = { readonly help: string; readonly required?: true } & (
  | { readonly type: 'text'; readonly pattern?: Pattern; readonly default?: string }
  | { readonly type: 'texts'; readonly pattern?: Pattern; readonly default?: readonly string[] }
  | { readonly type: 'number'; readonly least: number; readonly most: number; readonly default?: number }
  | { readonly type: 'flag'; readonly default?: boolean }
  | { readonly type: 'choice'; readonly options: readonly string[]; readonly default?: string }
  | { readonly type: 'choices'; readonly options: readonly string[]; readonly default?: readonly string[] }
  /** Values by name. */
  | { readonly type: 'map'; readonly value: Member; readonly default?: Readonly<Record<string, never>> }
  /** With `default: {}` where all of its members have defaults or may be missing. */
  | { readonly type: 'group'; readonly members: Members; readonly default?: Readonly<Record<string, never>> }
  /** Read by somebody else. */
  | { readonly type: 'entries' }
);

export type Members = { readonly [name: string]: Member };

type Value<M extends Member> = M extends { type: 'text' }
  ? string
  : M extends { type: 'texts' }
    ? readonly string[]
    : M extends { type: 'number' }
      ? number
      : M extends { type: 'flag' }
        ? boolean
        : M extends { type: 'choice'; options: readonly (infer O)[] }
          ? O
          : M extends { type: 'choices'; options: readonly (infer O)[] }
            ? readonly O[]
            : M extends { type: 'map'; value: infer V extends Member }
              ? Readonly<Record<string, Value<V>>>
              : M extends { type: 'group'; members: infer G extends Members }
                ? ValuesOf<G>
                : readonly Readonly<Record<string, unknown>>[];

type Written<M extends Member> = M extends { type: 'group'; members: infer G extends Members }
  ? WrittenOf<G>
  : Value<M>;

/** Members that are always there once read. */
type Certain<G extends Members> = {
  [K in keyof G]: G[K] extends { required: true } | { default: unknown } ? K : never;
}[keyof G];
type Needed<G extends Members> = { [K in keyof G]: G[K] extends { required: true } ? K : never }[keyof G];

/** What is read: defaults are filled in. */
export type ValuesOf<G extends Members> = { readonly [K in Certain<G>]: Value<G[K]> } & {
  readonly [K in Exclude<keyof G, Certain<G>>]?: Value<G[K]>;
};
/** What an engineer writes. */
export type WrittenOf<G extends Members> = { readonly [K in Needed<G>]: Written<G[K]> } & {
  readonly [K in Exclude<keyof G, Needed<G>>]?: Written<G[K]>;
};

/** Reads members by their shape. Throws CONFIG_UNKNOWN, CONFIG_MISSING, CONFIG_VALUE, which begin with `where`. */
export function readMembers<G extends Members>(members: G, given: unknown, where: string): ValuesOf<G> {
  if (!isObject(given))
    throw refused('CONFIG_VALUE', where, `it must be an object, and is ${shown(given)}`, '');
  const names = Object.keys(members);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(members, name));
  if (unknown !== undefined)
    throw refused(
      'CONFIG_UNKNOWN',
      where,
      `"${unknown}" is no property of it${meant(unknown, names)}`,
      `It has: ${names.join(', ')}.`,
    );
  const values: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members)) {
    const value = given[name] ?? ('default' in member ? member.default : undefined);
    if (value !== undefined) values[name] = readMember(member, value, `${where}: "${name}"`);
    else if (member.required) throw refused('CONFIG_MISSING', where, `"${name}" is not given`, member.help);
  }
  return values as ValuesOf<G>;
}

function readMember(member: Member, value: unknown, where: string): unknown {
  const wrong = (rule: string, one = value): AkashiError =>
    refused(
      'CONFIG_VALUE',
      where,
      one === value
        ? `it must be ${rule}, and is ${shown(one)}`
        : `each must be ${rule}, and one is ${shown(one)}`,
      member.help,
    );
  const list = (): readonly unknown[] => {
    if (Array.isArray(value)) return value;
    throw wrong(typeof value === 'string' ? `a list, [${shown(value)}]` : 'a list');
  };
  const text = (one: unknown, pattern: Pattern | undefined): string => {
    if (typeof one === 'number') throw wrong(`text, "${one}" in quotes`, one);
    if (typeof one !== 'string' || one === '') throw wrong('text', one);
    if (pattern !== undefined && !pattern.test.test(one)) throw wrong(pattern.rule, one);
    return one;
  };
  const choice = (one: unknown, options: readonly string[]): string => {
    if (typeof one === 'string' && options.includes(one)) return one;
    throw wrong(`one of ${options.join(', ')}`, one);
  };
  switch (member.type) {
    case 'text':
      return text(value, member.pattern);
    case 'texts':
      return list().map((one) => text(one, member.pattern));
    case 'number':
      if (Number.isSafeInteger(value) && Number(value) >= member.least && Number(value) <= member.most)
        return value;
      throw wrong(`a whole number from ${member.least} to ${member.most}`);
    case 'flag':
      if (typeof value === 'boolean') return value;
      throw wrong('true or false');
    case 'choice':
      return choice(value, member.options);
    case 'choices':
      return list().map((one) => choice(one, member.options));
    case 'map':
      if (!isObject(value)) throw wrong('an object');
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [
          name,
          readMember(member.value, one, `${where}, "${name}"`),
        ]),
      );
    case 'group':
      return readMembers(member.members, value, where);
    case 'entries':
      return list();
    default:
      return member satisfies never;
  }
}

/** A refusal: where, what, and the way out. */
export const refused = (code: string, where: string, what: string, wayOut: string): AkashiError =>
  new AkashiError(code, `${where}: ${what}. ${wayOut}`.trimEnd());

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 200) ?? String(value);
