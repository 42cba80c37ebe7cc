/** `npm start`: the main job on the sample trails that ship here, told step by step. */

import { fileURLToPath } from 'node:url';
import { main } from './main.ts';
import { paint } from './terminal.ts';

const SAMPLES = fileURLToPath(new URL('../samples/', import.meta.url));

/** What a newcomer would type, in order. */
const STEPS: readonly { readonly why: string; readonly words: readonly string[] }[] = [
  { why: 'Take three clouds, two networks and a few hosts into one lake', words: ['collect', SAMPLES] },
  { why: 'Read every stored byte again and compare it with what was sealed', words: ['verify', '--deep'] },
  {
    why: 'What did one person do, in every cloud, in order?',
    words: ['query', '--name', 'who-did-what', '--param', 'who=mallory'],
  },
  { why: 'Who touched the logging?', words: ['query', '--name', 'logging-tamper'] },
  {
    why: 'Which address was seen in more than one place?',
    words: ['query', '--name', 'one-address-everywhere'],
  },
];

for (const { why, words } of STEPS) {
  const typed = words.map((word) => (word === SAMPLES ? 'samples' : word)).join(' ');
  process.stdout.write(`\n${paint('bold', why)}\n${paint('dim', `$ npx akashi ${typed}`)}\n`);
  const code = await main(words);
  if (code !== 0) {
    process.exitCode = code;
    break;
  }
}

if (process.exitCode === undefined) {
  process.stdout.write(
    [
      '',
      paint('bold', 'Now with your own logs:'),
      '  npx akashi collect ~/my-trails --lake ~/my-lake',
      '  npx akashi query "select action, count(*) from events group by action order by 2 desc" --lake ~/my-lake',
      '  npx akashi query --list        the saved questions',
      '  npx akashi help                everything else',
      '',
    ].join('\n'),
  );
}
