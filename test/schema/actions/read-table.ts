import { readFileSync } from 'node:fs';
import { readTable } from '../../../schema/actions/csv.ts';

/** The rows of a table beside the tests. */
export function rowsOf<C extends string>(file: string, columns: readonly C[]): Record<C, string>[] {
  return readTable(readFileSync(new URL(file, import.meta.url), 'utf8'), columns, file);
}
