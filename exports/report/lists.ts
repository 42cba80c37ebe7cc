/** Lists of words in conditions, in the form that DuckDB tests while it reads. */

const WORD = /'(?:[^']|'')*'/.source;
/** `action in ('a', 'b', 'c')`, perhaps with `not`, of a column; of three words or more. */
const LIST = new RegExp(
  `\\b([a-z_]+(?:\\.[a-z_]+)?) (not )?in \\((\\s*${WORD}(?:,\\s*${WORD}){2,}\\s*)\\)`,
  'g',
);

/**
 * The same statement with `list_contains` for `in`, which is null for null as well. DuckDB makes a join of a longer `in`, for
 * which it reads every column of every row first; this it tests column by column, and reads the others where it holds: four
 * times faster over a large table. Only for texts of our own, where such words stand in no string.
 */
export const withFastLists = (sql: string): string =>
  sql.replace(
    LIST,
    (_, column: string, not: string | undefined, words: string) =>
      `${not ?? ''}list_contains([${words}], ${column})`,
  );
