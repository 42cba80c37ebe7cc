/** Whether other engines, who follow the Iceberg metadata, read the very files that the lake's own lists name. */

import type { TableName } from '../../schema/columns.ts';
import type { DataFileEntry } from '../../tables/file-list.ts';
import type { Head } from '../../tables/head.ts';
import { metadataKey } from '../../tables/iceberg/follow.ts';
import { shownFiles } from '../../tables/iceberg/shown-files.ts';
import type { TableJson } from '../../tables/iceberg/table-json.ts';
import { openTable, readIceberg } from '../../tables/table-metadata.ts';
import type { Stores } from '../../vault/evidence.ts';
import { type Harm, messageOf } from './report.ts';
import type { Tables } from './tables.ts';

/** The manifests must have been found unaltered before: this finds what was sealed wrong. */
export async function checkIcebergTables(
  { vault }: Stores,
  head: Head,
  tables: Tables,
  problems: Harm[],
): Promise<void> {
  for (const [table, { files }] of tables) {
    const key = head.tables[table]!;
    try {
      const { iceberg, copies } = await openTable(vault, head, table);
      // None could open it when it was sealed.
      if (iceberg === null) continue;
      const aside = copies === null ? null : await readIceberg(vault, copies);
      await compare(
        table,
        iceberg,
        files.filter((file) => file.copies !== true),
        key,
      );
      if (aside !== null)
        await compare(
          `${table}_copies`,
          aside,
          files.filter((file) => file.copies),
          copies!,
        );
    } catch (error) {
      problems.push({ code: 'UNREADABLE', key, detail: `for other engines: ${messageOf(error)}` });
    }
  }

  async function compare(
    name: TableName | `${TableName}_copies`,
    json: TableJson,
    files: readonly DataFileEntry[],
    key: string,
  ): Promise<void> {
    const own = new Map(files.map((file) => [file.key, file]));
    const differs = (detail: string) =>
      problems.push({ code: 'HEAD_DIFFERS', key, detail: `other engines ${detail}` });
    for await (const { path, rows, bytes } of shownFiles(vault, json, (uri) => metadataKey(name, uri))) {
      const data = path.slice(path.lastIndexOf('/tables/') + 1);
      const file = own.get(data);
      if (file === undefined)
        differs(`read "${path}", which the lake's own list does not name, or not twice`);
      else if (file.rows !== rows || file.bytes !== bytes)
        differs(
          `are told that ${data} has ${rows} rows in ${bytes} bytes; it has ${file.rows} in ${file.bytes}`,
        );
      own.delete(data);
    }
    for (const data of own.keys()) differs(`do not read ${data}: its rows are hidden from them`);
  }
}
