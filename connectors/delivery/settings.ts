/** Settings of a connector as an engineer writes them, read with errors that say value, rule and way out. */

import { meant } from '../../schema/edit-distance.ts';
import { AkashiError } from '../../schema/error.ts';

export interface Setting {
  readonly type: 'text' | 'texts' | 'number' | 'flag';
  readonly required?: true;
  /** What a text must look like, and how that is said. */
  readonly pattern?: { readonly test: RegExp; readonly rule: string };
  readonly least?: number;
  readonly most?: number;
  /** With its unit and default, as documentation prints it. */
  readonly help: string;
}

export type SettingsShape = Readonly<Record<string, Setting>>;

type ValueOf<S extends Setting> = {
  text: string;
  texts: readonly string[];
  number: number;
  flag: boolean;
}[S['type']];

export type SettingsOf<S extends SettingsShape> = {
  readonly [K in keyof S]: S[K] extends { required: true } ? ValueOf<S[K]> : ValueOf<S[K]> | undefined;
};

/** Patterns that several connectors share. */
export const RULES = {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  bucket: {
    test: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    rule: 'a bucket name: 3 to 63 of a-z, 0-9, dots and hyphens',
  },
  account: { test: /^\d{12}$/, rule: '12 digits' },
  region: { test: /^[a-z]{2}(?:-[a-z]+)+-\d$/, rule: 'a region such as eu-west-1' },
  organization: { test: /^o-[a-z0-9]{10,32}$/, rule: 'an organisation id such as o-a1b2c3d4e5' },
  url: { test: /^https?:\/\/[^\s@]+$/, rule: 'a URL without credentials' },
  prefix: {
    test: /^(?!\/)(?:[^/]+\/)*$/,
    rule: 'a prefix that ends with a slash and does not begin with one',
  },
} as const;

/**
 * Values of a configuration by their shape. `where` names the connector in messages. Texts may be given as one text with
 * commas, as a command line does. Throws CONNECTOR_SETTING.
 */
export function readSettings<S extends SettingsShape>(
  shape: S,
  given: Readonly<Record<string, unknown>>,
  where: string,
): SettingsOf<S> {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(shape, name));
  if (unknown !== undefined)
    throw refused(
      where,
      `"${unknown}" is no setting of it${meant(unknown, Object.keys(shape))}`,
      `It has: ${Object.keys(shape).join(', ')}.`,
    );
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(shape)) {
    const value = given[name];
    if (value === undefined || value === null || value === '') {
      if (setting.required) throw refused(where, `"${name}" is not given`, `${setting.help}`);
      values[name] = undefined;
    } else values[name] = read(setting, name, value, where);
  }
  return values as SettingsOf<S>;
}

function read(setting: Setting, name: string, value: unknown, where: string): unknown {
  const wrong = (rule: string): AkashiError =>
    refused(where, `"${name}" must be ${rule}, and is ${JSON.stringify(value)?.slice(0, 200)}`, setting.help);
  const checked = (text: unknown): string => {
    if (typeof text !== 'string') throw wrong('text');
    if (setting.pattern !== undefined && !setting.pattern.test.test(text)) throw wrong(setting.pattern.rule);
    return text;
  };
  switch (setting.type) {
    case 'text':
      return checked(value);
    case 'texts': {
      const list = typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value;
      if (!Array.isArray(list) || list.length === 0) throw wrong('a list of texts');
      return list.map(checked);
    }
    case 'number': {
      const number = typeof value === 'string' ? Number(value) : value;
      const { least = 0, most = Number.MAX_SAFE_INTEGER } = setting;
      if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < least || number > most)
        throw wrong(`a whole number from ${least} to ${most}`);
      return number;
    }
    case 'flag':
      if (value === true || value === 'true') return true;
      if (value === false || value === 'false') return false;
      throw wrong('true or false');
    default:
      return setting.type satisfies never;
  }
}

const refused = (where: string, what: string, wayOut: string): AkashiError =>
  new AkashiError('CONNECTOR_SETTING', `${where}: ${what}. ${wayOut}`);
