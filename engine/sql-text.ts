/** Writing names and texts into SQL. */

/** `a"b` as `"a""b"`. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `it's` as `'it''s'`. DuckDB knows no backslash escapes in plain literals. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Folds case the way DuckDB compares names: ASCII letters only. */
export const foldName = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
