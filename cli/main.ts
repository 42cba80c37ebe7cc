/** Finds the command, reads its words, runs it, and turns what goes wrong into a message and an exit code. */

import { parseArgs } from 'node:util';
import { editDistance } from '../schema/edit-distance.ts';
import { AkashiError } from '../schema/error.ts';
import { COMMON_OPTIONS, type Command, type Invocation, parseArgsOptions } from './command.ts';
import { commands } from './commands.ts';
import { FAILED, USAGE } from './exit-codes.ts';
import { commandHelp, overview } from './help.ts';
import { systemRefusal } from './system-error.ts';
import { harmless, jsonText, paint } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

export async function main(words: readonly string[]): Promise<number> {
  // A reader that goes away (`akashi query … | head`) ends us quietly.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : FAILED),
  );
  const [name, ...rest] = words;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const [wanted] = name === 'help' ? rest.filter((word) => !word.startsWith('-')) : [];
    const topic = commands.find((command) => command.name === wanted);
    if (wanted !== undefined && topic === undefined) return report(unknownCommand(wanted), false);
    process.stdout.write(topic === undefined ? overview(commands) : commandHelp(topic));
    return name === undefined ? USAGE : 0;
  }
  if (name === '--version' || name === 'version') {
    process.stdout.write(`akashi ${VERSION}\n`);
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  const json = rest.includes('--json');
  if (command === undefined) return report(unknownCommand(name), json);
  try {
    const invocation = read(command, rest);
    if (invocation.values['help'] === true) {
      process.stdout.write(command.helpOn?.(invocation.values, json) ?? commandHelp(command));
      return 0;
    }
    return await command.run(invocation);
  } catch (error) {
    return report(error, json);
  }
}

function read(command: Command, words: readonly string[]): Invocation {
  const options = { ...command.options, ...COMMON_OPTIONS };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: [...words],
      options: parseArgsOptions(options),
      allowPositionals: true,
      strict: true,
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split('. To specify')[0]! : String(cause);
    throw new UsageError(`${message}. \`akashi ${command.name} --help\` shows what it takes.`, { cause });
  }
  const { values, positionals } = parsed;
  const [word] = positionals;
  if (command.words === undefined && word !== undefined && values['help'] !== true)
    throw new UsageError(
      `${command.name} takes no words, but "${word}" was given. The lake is named with --lake; ` +
        `\`akashi ${command.name} --help\` shows the options.`,
    );
  if (values['lake'] === '') throw new UsageError('--lake takes a folder or an address, but "" was given.');
  const lake = values['lake'] ?? (process.env['AKASHI_LAKE'] || './lake');
  return { words: positionals, values, lake: String(lake), json: values['json'] === true };
}

/** The message on stderr, as a sentence or as JSON, and the exit code. */
function report(error: unknown, json: boolean): number {
  const usage = error instanceof UsageError;
  const known = error instanceof AkashiError;
  const { code, message } = (known ? error : systemRefusal(error)) ?? {
    code: 'INTERNAL',
    message: error instanceof Error ? error.message : String(error),
  };
  if (json) {
    process.stdout.write(`${jsonText({ error: { code, message } })}\n`);
  } else {
    const said = message.split('\n').map(harmless).join('\n');
    process.stderr.write(
      `${paint('red', 'akashi:', process.stderr)} ${said} ${paint('dim', `[${code}]`, process.stderr)}\n`,
    );
  }
  if (!known && process.env['AKASHI_DEBUG'] !== undefined && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  return usage ? USAGE : FAILED;
}

const unknownCommand = (name: string): UsageError =>
  new UsageError(`"${name}" is no command${nearest(name)} \`akashi help\` lists them.`);

/** `, did you mean "query"?` where one letter is off. */
function nearest(name: string): string {
  const close = commands.find((command) => editDistance(command.name, name) <= 2);
  return close === undefined ? '.' : `; did you mean "${close.name}"?`;
}
