/** Help texts, made from the commands themselves. */

import { COMMON_OPTIONS, type Command, type Options } from './command.ts';
import { paint } from './terminal.ts';

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${paint('cyan', name.padEnd(width))}  ${summary}`);
  return [
    `${paint('bold', 'akashi')}: three clouds' audit trails in one lake that can prove itself`,
    '',
    'usage: akashi <command> [options]',
    '',
    ...list,
    '',
    `Every command takes --lake <place>, --json and --help. Exit code: 0 done, 1 failed, 2 wrong usage.`,
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
    command.about,
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
  return names.map(([name, help]) => `  ${paint('cyan', name.padEnd(width))}  ${help}`);
}
