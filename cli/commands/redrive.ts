import { type Command, flagOption, textOption } from '../command.ts';
import { progressLine } from '../progress.ts';
import { counted, harmless, jsonText } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

const URL_RULE = /^https?:\/\/[^/\s]+\/\S+$/;

export const redriveCommand: Command = {
  name: 'redrive',
  summary: 'move what could not be ingested from a dead-letter queue back, to be tried again',
  usage: '--queue <URL> [--to <URL>] [--dry-run]',
  about:
    'Messages about objects that could not be preserved end in a dead-letter queue, and wait there until what kept them is\n' +
    'put right: a permission, a key, a bucket that is not configured. This moves them back to the queue they came from. What\n' +
    'was preserved meanwhile is not preserved twice, so it can be run at any time, and again.',
  options: {
    queue: { type: 'string', value: 'URL', help: 'The dead-letter queue' },
    to: { type: 'string', value: 'URL', help: 'Where to (default: the queue whose dead letters it takes)' },
    'dry-run': { type: 'boolean', help: 'Say how many there are and where they would go, and move nothing' },
  },
  examples: [
    'akashi redrive --queue https://sqs.eu-west-1.amazonaws.com/111122223333/trail-dead --dry-run',
    'akashi redrive --queue https://sqs.eu-west-1.amazonaws.com/111122223333/trail-dead',
  ],
  async run(invocation) {
    const url = (name: string): string | undefined => {
      const text = textOption(invocation, name);
      if (text === undefined || URL_RULE.test(text)) return text;
      throw new UsageError(`--${name} takes the URL of an SQS queue, but "${text}" was given.`);
    };
    const queue = url('queue');
    if (queue === undefined) throw new UsageError('redrive needs --queue, the URL of a dead-letter queue.');
    const to = url('to');
    const dryRun = flagOption(invocation, 'dry-run');
    const { redrive } = await import('../../connectors/delivery/redrive.ts');
    const progress = progressLine('redrive');
    try {
      const result = await redrive({
        queue,
        dryRun,
        ...(to === undefined ? {} : { to }),
        onProgress: (moved) => progress.update(0, 0, `${counted(moved, 'message')} moved`),
      });
      progress.clear();
      const { found, moved, left } = result;
      const text = dryRun
        ? `about ${counted(found, 'message')} would go to ${harmless(result.to)}`
        : `${counted(moved, 'message')} moved to ${harmless(result.to)}` +
          (left === 0 ? '' : `; ${counted(left, 'message')} came meanwhile and were left`);
      process.stdout.write(`${invocation.json ? jsonText({ ...result, dryRun }) : text}\n`);
      return 0;
    } finally {
      progress.clear();
    }
  },
};
