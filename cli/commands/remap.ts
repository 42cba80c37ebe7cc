import { type RemapResult, remap } from '../../compaction/remap.ts';
import { connectorById, connectors } from '../../connectors/registry.ts';
import { openLake, openLakeForReading } from '../../vault/lake.ts';
import { type Command, textOption } from '../command.ts';
import { progressLine } from '../progress.ts';
import { counted, grouped, jsonText } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export const remapCommand: Command = {
  name: 'remap',
  summary: "derive rows again from evidence, where an older version's mapping made them",
  usage: '[--source ID]',
  about:
    'A newer version may know more of a source. This reads the evidence of every body again whose rows an older mapping\n' +
    'made, and puts the new rows in the place of the old ones, in new snapshots. Evidence is not touched, and snapshots\n' +
    'from before stay readable with --at. Killed and run again, it goes on with the rest. Run `akashi compact` afterwards.',
  options: {
    source: { type: 'string', value: 'ID', help: 'Only bodies of this source' },
  },
  examples: ['akashi remap', 'akashi remap --source aws.cloudtrail'],
  async run(invocation) {
    const source = textOption(invocation, 'source');
    if (source !== undefined && connectorById(source) === undefined)
      throw new UsageError(
        `"${source}" is no source. Sources are ${connectors.map(({ id }) => id).join(', ')}.`,
      );
    await openLakeForReading(invocation.lake);
    const lake = await openLake(invocation.lake);
    const progress = progressLine('remap');
    try {
      const result = await remap(lake, {
        ...(source === undefined ? {} : { source }),
        onProgress: (done, total) =>
          progress.update(done, total, `${grouped(done)} of ${counted(total, 'object')}`),
      });
      progress.clear();
      process.stdout.write(`${invocation.json ? jsonText(result) : summary(result)}\n`);
      return 0;
    } finally {
      progress.clear();
    }
  },
};

function summary({ bodies, rowsBefore, rowsAfter, filesBefore, filesAfter, seconds }: RemapResult): string {
  if (bodies === 0) return "every row is by this version's mapping";
  return (
    `${counted(bodies, 'object')} read again: ${counted(rowsBefore, 'row')} became ${grouped(rowsAfter)}, ` +
    `${counted(filesBefore, 'file')} ${grouped(filesAfter)}, in ${seconds.toFixed(1)} s`
  );
}
