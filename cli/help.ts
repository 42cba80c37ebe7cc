/** Help texts, made from the commands themselves. */

import { COMMON_OPTIONS, type Command, type Options } from './command.ts';
import { folded, foldWidth, paint } from './terminal.ts';

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => entry(name, width, summary));
  return [
    `${paint('bold', 'akashi')}: three clouds' audit trails in one lake that can prove itself`,
    '',
    'usage: akashi <command> [options]',
    '',
    ...list,
    '',
    ...paragraph(
      'Every command takes --lake <place>, --json and --help. Exit code: 0 done, 1 failed, 2 wrong usage, 3 done but cut by a limit. NO_COLOR and COLUMNS are heeded.',
    ),
    '',
    'examples:',
    '  akashi collect ~/my-trails',
    `  akashi query "select time, actor_name, action, src_ip from events order by time desc limit 20"`,
    '',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  return [
    `${paint('bold', `akashi ${command.name}`)}: ${command.summary}`,
    '',
    `usage: akashi ${command.name} ${command.usage}`,
    '',
    ...paragraph(command.about),
    '',
    'options:',
    ...optionLines({ ...command.options, ...COMMON_OPTIONS }),
    '',
    'examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

function optionLines(options: Options): string[] {
  const names = Object.entries(options).map(
    ([name, { value, short }]) =>
      [
        `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`,
        options[name]!.help,
      ] as const,
  );
  const width = Math.max(...names.map(([name]) => name.length));
  return names.map(([name, help]) => entry(name, width, help));
}

/** `  name  text`, the text folded under itself. */
export function entry(name: string, width: number, text: string): string {
  const indent = width + 4;
  return `  ${paint('cyan', name.padEnd(width))}  ${folded(text, foldWidth() - indent).join(`\n${' '.repeat(indent)}`)}`;
}

/** As it stands where its lines fit, else set anew. */
function paragraph(text: string): string[] {
  const lines = text.split('\n');
  const columns = foldWidth();
  return lines.every((line) => line.length <= columns) ? lines : folded(lines.join(' '), columns);
}
