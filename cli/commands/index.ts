import { checkIndex, indexStats, rebuildLakeIndex } from '../../stages/lake-index.ts';
import { openLake, openLakeForReading } from '../../vault/lake.ts';
import type { Command, Invocation } from '../command.ts';
import { FAILED } from '../exit-codes.ts';
import { progressLine } from '../progress.ts';
import { bytesText, counted, grouped, harmless, jsonText, textTable } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export const indexCommand: Command = {
  name: 'index',
  summary: 'the index behind `find`: its size, whether it is true, and making it anew',
  usage: 'stats | check | rebuild',
  about:
    'Every seal adds what it brings to the index. It only tells where to look, and every part of it is checked by a hash\n' +
    'that the ledger has: when it is gone or altered, more is read and nothing is missed. `check` reads the indexed columns\n' +
    'of every data file again and compares; `rebuild` makes all of it anew and seals it.',
  words: 'any',
  options: {},
  examples: ['akashi index stats', 'akashi index check --json', 'akashi index rebuild'],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const [word, ...more] = invocation.words;
  if (word === undefined || more.length > 0 || !Object.hasOwn(DEEDS, word))
    throw new UsageError('index takes one of stats, check and rebuild.');
  return DEEDS[word as keyof typeof DEEDS](invocation);
}

const DEEDS = { stats, check, rebuild } as const;

async function stats({ lake: place, json }: Invocation): Promise<number> {
  const lake = await openLakeForReading(place);
  const tables = await indexStats(lake);
  if (json) {
    process.stdout.write(`${jsonText(tables)}\n`);
    return 0;
  }
  const right = true as const;
  const columns = [
    { title: 'table' },
    ...['files', 'indexed', 'packs', 'fingerprints', 'bits each', 'bytes', 'of the data'].map((title) => ({
      title,
      right,
    })),
  ];
  const rows = tables.map(({ table, files, indexed, packs, fingerprints, bytes, dataBytes }) => [
    table,
    ...[files, indexed, packs, fingerprints].map(grouped),
    fingerprints === 0 ? '' : ((bytes * 8) / fingerprints).toFixed(1),
    bytesText(bytes),
    dataBytes === 0 ? '' : `${((100 * bytes) / dataBytes).toFixed(1)} %`,
  ]);
  const problems = tables.flatMap((table) => table.problems.map(harmless));
  process.stdout.write([textTable(columns, rows), ...problems, ''].join('\n'));
  return 0;
}

async function check({ lake: place, json }: Invocation): Promise<number> {
  const lake = await openLakeForReading(place);
  const progress = progressLine('index check');
  const result = await checkIndex(lake, (done, total) =>
    progress.update(done, total, `${grouped(done)} of ${counted(total, 'file')}`),
  ).finally(() => progress.clear());
  const { files, faults } = result;
  const lines = faults.map(({ key, problem }) => harmless(`${key}: ${problem}`));
  const end =
    faults.length === 0
      ? `the index is true of all ${counted(files, 'file')}`
      : `${counted(faults.length, 'fault')} in the index of ${counted(files, 'file')}. Nothing is hidden by them; \`akashi index rebuild\` mends them.`;
  process.stdout.write(json ? `${jsonText(result)}\n` : `${[...lines, end].join('\n')}\n`);
  return faults.length === 0 ? 0 : FAILED;
}

async function rebuild({ lake: place, json }: Invocation): Promise<number> {
  // One that is not there is not made.
  await openLakeForReading(place);
  const lake = await openLake(place);
  const progress = progressLine('index rebuild');
  const result = await rebuildLakeIndex(lake, (done, total) =>
    progress.update(done, total, `${grouped(done)} of ${counted(total, 'file')}`),
  ).finally(() => progress.clear());
  const { files, unread } = result;
  const lines = unread.map(({ key, problem }) => harmless(`${key}: ${problem}`));
  const end = `the index of ${counted(files - unread.length, 'file')} was made anew and sealed`;
  process.stdout.write(json ? `${jsonText(result)}\n` : `${[...lines, end].join('\n')}\n`);
  return unread.length === 0 ? 0 : FAILED;
}
