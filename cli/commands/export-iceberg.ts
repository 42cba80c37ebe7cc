/** `akashi export --iceberg`: the lake's tables for engines that are not ours. */

import type { IcebergExport } from '../../exports/iceberg.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import { flagOption, type Invocation, type Options, textOption } from '../command.ts';
import { recorderFor } from '../custody-options.ts';
import { outsideLake } from '../out-place.ts';
import { progressLine } from '../progress.ts';
import { counted, grouped, harmless, jsonText, textTable } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export const ICEBERG_OPTIONS = {
  iceberg: {
    type: 'string',
    value: 'folder',
    help: 'All tables as Apache Iceberg, one in each folder below this one',
  },
  'copy-data': {
    type: 'boolean',
    help: 'With --iceberg: copy the data files there, instead of pointing into the lake',
  },
  'read-at': {
    type: 'string',
    value: 'uri',
    help: 'With --iceberg --copy-data: where the folder will be read, e.g. s3://bucket/prefix',
  },
  glue: {
    type: 'string',
    value: 'database',
    help: 'With --iceberg: write nothing, and point the tables of this Glue database at the export',
  },
} as const satisfies Options;

/** Options that choose rows or their form: an Iceberg export takes whole tables. */
const NOT_WITH_ICEBERG = ['format', 'out', 'since', 'until', 'sql', 'name', 'param'];

/** Writes the export, on record. Returns the exit code; throws as `exportIceberg` does, and UsageError. */
export async function runIceberg(invocation: Invocation): Promise<number> {
  const location = textOption(invocation, 'iceberg')!;
  const readAt = textOption(invocation, 'read-at');
  const copyData = flagOption(invocation, 'copy-data');
  const other = NOT_WITH_ICEBERG.find((name) => invocation.values[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--iceberg writes whole tables and takes no --${other}.`);
  if (location === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(location))
    throw new UsageError(
      '--iceberg takes a folder of this machine. For a bucket, write a folder with --copy-data --read-at s3://bucket/prefix and copy it there.',
    );
  if (readAt !== undefined && !copyData)
    throw new UsageError('--read-at needs --copy-data: otherwise the data files stay in the lake.');
  if (readAt !== undefined && !/^[a-z][a-z0-9+.-]*:\/\/[^?#%]+$/.test(readAt))
    throw new UsageError(`--read-at takes a URI such as s3://bucket/prefix, but "${readAt}" was given.`);
  const database = textOption(invocation, 'glue');
  if (database !== undefined) return publish(database, location, invocation.json);
  // Avro is loaded only for who needs it.
  const { exportIceberg } = await import('../../exports/iceberg.ts');
  const lake = await openLakeForReading(invocation.lake);
  await outsideLake('iceberg', location, lake.root);
  const { record } = await recorderFor(invocation, lake);
  const progress = progressLine('export');
  try {
    const deed = { action: 'export', subject: 'all tables', result: `iceberg to ${location}` } as const;
    const begun = await record(deed);
    const written = await exportIceberg(lake, {
      location,
      ...(readAt === undefined ? {} : { readAt }),
      copyData,
      now: Date.now(),
      onProgress: (files) => progress.update(files, 0, `${grouped(files)} data files`),
    });
    if (begun !== null) await record({ ...deed, rows: written.rows, completes: begun });
    progress.clear();
    const text = invocation.json
      ? jsonText({ out: location, format: 'iceberg', ...written })
      : summary(written, location);
    process.stdout.write(`${text}\n`);
    return 0;
  } finally {
    progress.clear();
  }
}

/** Tables of Glue follow what was exported, once it was copied to where it says that it is read. */
async function publish(database: string, location: string, json: boolean): Promise<number> {
  const { GlueClient } = await import('@aws-sdk/client-glue');
  const { publishFolder } = await import('../../exports/glue-folder.ts');
  const published = await publishFolder(new GlueClient({}), database, location);
  const rows = published.map(({ name, outcome, metadata }) => [name, outcome, harmless(metadata)]);
  const titles = [{ title: 'table' }, { title: 'in Glue' }, { title: 'metadata' }];
  process.stdout.write(`${json ? jsonText({ database, tables: published }) : textTable(titles, rows)}\n`);
  return 0;
}

/** What was written, for a person. */
function summary({ tables, rows, seconds, head }: IcebergExport, location: string): string {
  const right = true as const;
  const titles = [
    { title: 'table' },
    { title: 'rows', right },
    { title: 'files', right },
    { title: 'new', right },
    { title: 'metadata' },
  ];
  const cells = tables.map(({ name, rows, files, added, metadata }) => [
    name,
    grouped(rows),
    grouped(files),
    grouped(added),
    harmless(metadata),
  ]);
  return [
    textTable(titles, cells),
    '',
    `${counted(rows, 'row')} as Apache Iceberg in ${harmless(location)}, in ${seconds.toFixed(1)} s; head ${head}`,
  ].join('\n');
}
