import { connectorById, connectors } from '../../connectors/registry.ts';
import { TIMELINE_COLUMNS } from '../../engine/views/timeline.ts';
import { type Column, TABLES } from '../../schema/columns.ts';
import { type Command, type Invocation, textOption } from '../command.ts';
import { paint, textTable } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export const columnsCommand: Command = {
  name: 'columns',
  summary: 'the columns of every table, and where each source says them',
  usage: '[table] [--source ID]',
  about:
    'Prints the column catalogue; with --source, the vendor field that each column of that source is taken from.',
  words: 'any',
  options: { source: { type: 'string', value: 'ID', help: 'Show the crosswalk of one source' } },
  examples: ['akashi columns events', 'akashi columns --source aws.cloudtrail'],
  async run(invocation) {
    const source = textOption(invocation, 'source');
    process.stdout.write(`${source === undefined ? catalogue(invocation) : crosswalk(invocation, source)}\n`);
    return 0;
  },
};

function catalogue({ words, json }: Invocation): string {
  const all: Readonly<Record<string, readonly Column[]>> = { ...TABLES, timeline: TIMELINE_COLUMNS };
  const [wanted] = words;
  if (wanted !== undefined && !Object.hasOwn(all, wanted)) {
    throw new UsageError(
      `"${wanted}" is no table. There are ${Object.keys(all).join(', ')}. ` +
        `Of other views (events_all, aws_cloudtrail, …) \`akashi query "describe ${/^\w+$/.test(wanted) ? wanted : 'events_all'}"\` shows the columns.`,
    );
  }
  const tables = wanted === undefined ? Object.keys(TABLES) : [wanted];
  if (json) return JSON.stringify(Object.fromEntries(tables.map((table) => [table, all[table]])));
  return tables
    .map((table) => {
      const columns = all[table]!;
      const hasOcsf = columns.some(({ ocsf }) => ocsf !== null);
      const rows = columns.map(({ name, type, ocsf, meaning }) =>
        hasOcsf ? [name, type, ocsf ?? '', meaning] : [name, type, meaning],
      );
      const titles = ['column', 'type', ...(hasOcsf ? ['OCSF'] : []), 'meaning'].map((title) => ({ title }));
      return `${paint('bold', table)}\n${textTable(titles, rows)}`;
    })
    .join('\n\n');
}

function crosswalk({ json }: Invocation, source: string): string {
  const connector = connectorById(source);
  if (connector === undefined) {
    throw new UsageError(
      `"${source}" is no source. Sources are ${connectors.map(({ id }) => id).join(', ')}.`,
    );
  }
  const columns = TABLES[connector.table].flatMap(({ name }) => {
    const field = (connector.crosswalk as Record<string, string>)[name];
    return field === undefined ? [] : [{ column: name, field }];
  });
  if (json)
    return JSON.stringify({ source, table: connector.table, reference: connector.formatReference, columns });
  const rows = columns.map(({ column, field }) => [column, field]);
  return `${paint('bold', connector.title)}  ${connector.formatReference}\n${textTable([{ title: 'column' }, { title: 'field' }], rows)}`;
}
