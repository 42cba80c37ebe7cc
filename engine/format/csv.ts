/** CSV by RFC 4180 that a spreadsheet can open without running what an attacker wrote into a log. */

import { type Cell, isNumeric, type ResultColumn } from '../result.ts';
import type { Renderer, RenderOptions } from './renderer.ts';
import { visible } from './visible.ts';

/** What spreadsheets take as the start of a formula: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** Beyond RFC 4180 also `;`, tab and `|`, which some programs split at whatever the file says. */
const QUOTED = /[",;|\t\r\n]|^\s|\s$|^$/;

/** Null is an empty field, empty text is `""`; text that could be a formula starts with `'`. */
export function csvRenderer({ terminal }: RenderOptions): Renderer {
  let numeric: readonly boolean[] = [];
  const text = (value: string): string => {
    const shown = terminal ? visible(value) : value;
    const safe = FORMULA.test(value) ? `'${shown}` : shown;
    return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const field = (cell: Cell, index: number): string => {
    if (cell === null) return '';
    // A typed number cannot be a formula, not even a negative one.
    if (numeric[index] || typeof cell === 'boolean') return String(cell);
    return text(typeof cell === 'object' ? JSON.stringify(cell) : String(cell));
  };
  return {
    begin(columns: readonly ResultColumn[]) {
      numeric = columns.map(({ type }) => isNumeric(type));
      return `${columns.map(({ name }) => text(name)).join(',')}\r\n`;
    },
    rows: (batch) => batch.map((row) => `${row.map(field).join(',')}\r\n`).join(''),
    end: () => '',
  };
}
