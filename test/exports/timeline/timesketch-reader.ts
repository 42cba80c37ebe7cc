/**
 * Reads CSV and JSON lines as strictly as Timesketch takes them: the fields that must be there, one form of `datetime` that
 * the first line sets, whole microseconds, no names that it keeps for itself or drops.
 */

/** RFC 4180, strictly: throws for a quote out of place and for lines of another length. */
export function readCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/y;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (match === null) throw new Error(`no field at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    const [, value = '', end] = match;
    rows.at(-1)!.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === '\r\n' && field.lastIndex < text.length) rows.push([]);
  }
  const [names = [], ...rest] = rows;
  return rest.map((row) => {
    if (row.length !== names.length) throw new Error(`${row.length} fields, and ${names.length} are named`);
    return Object.fromEntries(names.map((name, at) => [name, row[at]!]));
  });
}

const DATETIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/;
const KEPT = ['_id', '_type', '_index', '_source', '__ts_timeline_id', 'label'];

/** The events that an import would make. Throws for whatever it would refuse, drop or change. */
export function readTimesketch(text: string, form: 'csv' | 'jsonl'): Record<string, unknown>[] {
  const events: Record<string, unknown>[] =
    form === 'csv'
      ? readCsv(text)
      : text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const [at, event] of events.entries()) {
    const wrong = (what: string) => new Error(`line ${at + 1}: ${what}`);
    for (const name of ['message', 'datetime', 'timestamp_desc'])
      if (typeof event[name] !== 'string' || event[name] === '') throw wrong(`no ${name}`);
    const datetime = String(event['datetime']);
    if (!DATETIME.test(datetime)) throw wrong(`datetime ${datetime}`);
    const micros = Number(event['timestamp']);
    if (!Number.isInteger(micros)) throw wrong(`timestamp ${event['timestamp']}`);
    if (Date.parse(datetime) !== Math.floor(micros / 1000)) throw wrong('timestamp and datetime differ');
    const tags: unknown = form === 'csv' ? JSON.parse(String(event['tag'])) : event['tag'];
    if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string')) throw wrong('tag is no list');
    for (const name of Object.keys(event))
      if (KEPT.includes(name) || name.startsWith('_')) throw wrong(`${name} would be dropped`);
  }
  return events;
}
