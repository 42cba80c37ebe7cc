/** Runs a command of the CLI in this process, then writes the process's peak memory in bytes to stderr. */

import { readFileSync } from 'node:fs';
import { main } from '../cli/main.ts';

await main(process.argv.slice(2));
process.stderr.write(`\n${peakBytes()}\n`);

/** `maxRSS` counts what the process was before it became this one, which may be the larger: Linux tells them apart. */
function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
