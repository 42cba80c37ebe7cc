import { AkashiError } from '../error.ts';

/**
 * Reads comma-separated text as RFC 4180 describes it (https://www.rfc-editor.org/rfc/rfc4180): quoted fields may hold
 * commas, line ends and doubled quotes. A byte order mark and empty lines are passed over.
 */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;

  const endRow = (): void => {
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };

  while (at <= text.length) {
    let field = '';
    if (text[at] === '"') {
      let close = text.indexOf('"', at + 1);
      while (close !== -1 && text[close + 1] === '"') {
        field += text.slice(at + 1, close + 1);
        at = close + 1;
        close = text.indexOf('"', at + 1);
      }
      const end = close === -1 ? text.length : close;
      field += text.slice(at + 1, end);
      at = close === -1 ? end : end + 1;
    }
    const start = at;
    while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') at += 1;
    row.push(field + text.slice(start, at));

    if (text[at] === ',') {
      at += 1;
      continue;
    }
    endRow();
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
    at += 1;
  }
  return rows;
}

/**
 * The rows of a table whose first line names its columns, each as an object keyed by column.
 * Throws when a row has more or fewer fields than the header: a shifted cell would change meanings silently.
 */
export function readTable<C extends string>(
  text: string,
  columns: readonly C[],
  name: string,
): Record<C, string>[] {
  const [header, ...rows] = parseCsv(text);
  if (header?.join(',') !== columns.join(',')) {
    throw new AkashiError(
      'ACTION_TABLE_INVALID',
      `${name} starts with "${header?.join(',') ?? ''}", but its first line must be "${columns.join(',')}"`,
    );
  }
  return rows.map((fields, index) => {
    if (fields.length !== columns.length) {
      throw new AkashiError(
        'ACTION_TABLE_INVALID',
        `${name}, row ${index + 2} has ${fields.length} fields, but the header names ${columns.length}: ${fields.join(',').slice(0, 120)}`,
      );
    }
    return Object.fromEntries(columns.map((column, i) => [column, fields[i]])) as Record<C, string>;
  });
}
