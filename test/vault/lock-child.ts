/** Takes a lock again and again, says so in a log, and at last kills itself while holding it. */

import { appendFileSync } from 'node:fs';
import { takeLock } from '../../vault/lock-file.ts';

const [root = '', log = ''] = process.argv.slice(2);
const say = (what: string) => appendFileSync(log, `${process.pid} ${what}\n`);

const rounds = 5 + Math.floor(Math.random() * 10);
for (let round = 1; ; round++) {
  const lock = await takeLock(root, 'writer', { waitMillis: 20_000, command: 'test' });
  if (!lock.taken) throw new Error('waited too long');
  say('in');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
  if (round === rounds) {
    say('killed');
    process.kill(process.pid, 'SIGKILL');
  }
  say('out');
  await lock.release();
}
