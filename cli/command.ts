/** What a command of the CLI is. */

import type { ParseArgsOptionsConfig } from 'node:util';

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  /** What stands for the value in help: `--lake <place>`. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, CommandOption>>;

export interface Invocation {
  readonly words: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  /** `--lake`, else AKASHI_LAKE unless it is empty, else ./lake. */
  readonly lake: string;
  readonly json: boolean;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** `<path…> [--source ID]` */
  readonly usage: string;
  /** More than the summary, for `akashi <command> --help`. */
  readonly about: string;
  readonly options: Options;
  readonly examples: readonly string[];
  /** `any`: `run` reads the words beside the options, or says what is wrong with them. Else there must be none. */
  readonly words?: 'any';
  /** Help on what the options name, such as one saved question; null for the help of the command itself. */
  readonly helpOn?: (values: Invocation['values'], json: boolean) => string | null;
  /** The exit code. */
  run(invocation: Invocation): Promise<number>;
}

/** Options that every command takes. */
export const COMMON_OPTIONS = {
  lake: {
    type: 'string',
    value: 'place',
    help: 'The lake: a folder, s3://bucket/prefix?… or its settings file (default: AKASHI_LAKE, or ./lake)',
  },
  json: { type: 'boolean', help: 'Print one JSON value for programs' },
  help: { type: 'boolean', short: 'h', help: 'Show this help' },
} as const satisfies Options;

/** The option's text, or undefined when it was not given. */
export function textOption({ values }: Invocation, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

export function listOption({ values }: Invocation, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : [];
}

export const flagOption = ({ values }: Invocation, name: string): boolean => values[name] === true;

/** As `node:util` wants them. */
export function parseArgsOptions(options: Options): ParseArgsOptionsConfig {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple, short }]) => [
      name,
      { type, ...(multiple === undefined ? {} : { multiple }), ...(short === undefined ? {} : { short }) },
    ]),
  );
}
