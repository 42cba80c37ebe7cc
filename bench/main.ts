/** `npm run bench`: our figures beside the floor and beside what people would use instead, in the same run. */

import { parseArgs } from 'node:util';
import { benchCommit } from './commit.ts';
import { benchFind, measureFind } from './find.ts';
import { benchIngest } from './ingest.ts';
import { benchMemory } from './memory.ts';
import { benchQuery, measureQueries } from './query.ts';

const { values, positionals } = parseArgs({
  options: {
    full: { type: 'boolean' },
    scale: { type: 'string' },
    folder: { type: 'string' },
    lake: { type: 'string' },
  },
  allowPositionals: true,
});
const full = values.full === true;
const scale = Number(values.scale ?? (full ? 10 : 1));

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  ingest: () => benchIngest(scale),
  commit: () => benchCommit(),
  memory: () => benchMemory(full),
  // 20 million events and 25 million flows in full; `--lake` takes one that is there.
  query: () =>
    values.lake === undefined
      ? benchQuery(values.scale === undefined && full ? 50 : scale, values.folder)
      : measureQueries(values.lake),
  find: () =>
    values.lake === undefined
      ? benchFind(values.scale === undefined && full ? 50 : scale, values.folder)
      : measureFind(values.lake),
};

for (const name of positionals.length > 0 ? positionals : ['ingest', 'memory']) {
  const bench = BENCHES[name];
  if (bench === undefined)
    throw new Error(`"${name}" is no benchmark; there are ${Object.keys(BENCHES).join(', ')}`);
  await bench();
}
