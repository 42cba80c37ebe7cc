#!/usr/bin/env node
/** The command line: `akashi <command> …`. Exit code 0, 1 (failed) or 2 (usage). */

import { enableCompileCache } from 'node:module';

enableCompileCache();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
