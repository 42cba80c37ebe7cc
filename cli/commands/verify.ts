import { type Verification, verify } from '../../stages/verify.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import type { Command } from '../command.ts';
import { progressLine } from '../progress.ts';
import { bytesText, grouped, harmless, paint } from '../terminal.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'check every stored hash against what was sealed',
  usage: '',
  about:
    'Reads every evidence object, data file and table from storage again and compares its SHA-256 with the one sealed.\n' +
    'Names what was altered, removed or added. Writes nothing. Exit code 1 when anything is wrong.',
  options: {},
  examples: ['akashi verify', 'akashi verify --lake /srv/lake --json'],
  async run({ lake: folder, json }) {
    const progress = progressLine('verify');
    try {
      const result = await verify(await openLakeForReading(folder), (done, total) =>
        progress.update(done, total, `${grouped(done)} of ${grouped(total)} objects`),
      );
      progress.clear();
      process.stdout.write(`${json ? JSON.stringify(result) : verdict(result)}\n`);
      return result.ok ? 0 : 1;
    } finally {
      progress.clear();
    }
  },
};

export function verdict(result: Verification): string {
  const { evidence, data, bytes, problems, orphans } = result;
  const lines = [
    `${grouped(evidence.checked)} evidence objects and ${grouped(data.checked)} table files re-hashed, ${bytesText(bytes)}`,
  ];
  if (orphans.length > 0)
    lines.push(
      `${grouped(orphans.length)} files of an interrupted run are in no seal; the next collect uses them again`,
    );
  for (const { code, key, detail } of problems)
    lines.push(paint('red', `${code} ${harmless(key)}: ${harmless(detail)}`));
  lines.push(
    problems.length === 0
      ? paint('green', 'intact: nothing altered, nothing missing, nothing added')
      : paint('red', `${grouped(problems.length)} problems`),
  );
  return lines.join('\n');
}
