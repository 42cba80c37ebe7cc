/** An answer as JSON of a report. */

import type { Json } from '../../vault/canonical-json.ts';
import type { Answer } from './context.ts';

export const answerJson = ({ columns, rows, cut }: Answer): { readonly [name: string]: Json } => ({
  columns: [...columns],
  rows: rows.map((row) => ({ ...row }) as { readonly [name: string]: Json }),
  cut,
});
