#!/usr/bin/env -S node --max-semi-space-size=8
/**
 * The command line: `akashi <command> …`; exit codes are those of exit-codes.ts. By itself V8 lets this thread keep up to
 * 128 MB of garbage that dies young; the work is done in others.
 */

import { enableCompileCache } from 'node:module';

enableCompileCache();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
