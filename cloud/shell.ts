/** Scripts for bash, as lists of words: what comes from a setting is one word whatever it holds. */

import { HEADER } from './file.ts';

/** A word that the shell expands: `"$variable"`. Only for texts of this program, never for a setting. */
export interface Expanded {
  readonly expand: string;
}
export type Word = string | Expanded;

export const expanded = (text: string): Expanded => ({ expand: text });

/** One word as bash reads it: in single quotes unless every character is harmless. */
export const shellWord = (text: string): string =>
  /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** A command, its options each on a line of its own. */
export const command = (...words: readonly Word[]): string =>
  words
    .map((word) => (typeof word === 'string' ? shellWord(word) : word.expand))
    .reduce(
      (line, word) => `${line}${word.startsWith('--') || word.startsWith("'--") ? ' \\\n  ' : ' '}${word}`,
    );

/** A whole script that stops at the first failure. */
export const script = (parts: readonly string[]): string =>
  [
    '#!/usr/bin/env bash',
    ...HEADER.map((line) => `# ${line}`),
    'set -euo pipefail',
    ...parts.map((part) => `\n${part}`),
    '',
  ].join('\n');
