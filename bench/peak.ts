/** Runs a command of the CLI in this process, then writes the process's peak memory in bytes to stderr. */

import { main } from '../cli/main.ts';

await main(process.argv.slice(2));
process.stderr.write(`\n${process.resourceUsage().maxRSS * 1024}\n`);
