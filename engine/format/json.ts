/** Answers for machines. What could drive a terminal is written as a JSON escape, which changes no value. */

import type { Cell, ResultColumn } from '../result.ts';
import type { Renderer } from './renderer.ts';
import { visibleJson } from './visible.ts';

/** One object: `{columns, rows: [{…}], rowCount, truncated, head, coverage, seconds}`; coverage where it is known. */
export function jsonRenderer(): Renderer {
  let object = objectWriter([]);
  let separator = '\n';
  return {
    begin(columns) {
      object = objectWriter(columns);
      return `{"columns":${safe(columns)},"rows":[`;
    },
    rows: (batch) =>
      batch
        .map((row) => {
          const text = separator + object(row);
          separator = ',\n';
          return text;
        })
        .join(''),
    end: ({ rowCount, truncated, head, coverage, read, seconds }) => {
      const covered = coverage === undefined ? '' : `,"coverage":${safe(coverage)}`;
      const told = read === undefined ? '' : `,"read":${safe(read)}`;
      return `],"rowCount":${rowCount},"truncated":${safe(truncated)},"head":${safe(head)}${covered}${told},"seconds":${seconds}}\n`;
    },
  };
}

/** One object per row and line. */
export function ndjsonRenderer(): Renderer {
  let object = objectWriter([]);
  return {
    begin(columns) {
      object = objectWriter(columns);
      return '';
    },
    rows: (batch) => batch.map((row) => `${object(row)}\n`).join(''),
    end: () => '',
  };
}

const safe = (value: unknown): string => visibleJson(JSON.stringify(value));

/** Writes rows as objects, member names prepared once and in column order whatever they are. */
function objectWriter(columns: readonly ResultColumn[]): (row: readonly Cell[]) => string {
  const members = columns.map(({ name }) => `${safe(name)}:`);
  return (row) => `{${row.map((cell, index) => (members[index] ?? '') + safe(cell)).join(',')}}`;
}
