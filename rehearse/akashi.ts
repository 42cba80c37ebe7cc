/** Our own commands, run as a person would. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const AKASHI = fileURLToPath(new URL('../cli/akashi.ts', import.meta.url));
const MOST_OUTPUT = 2 ** 28;
const runFile = promisify(execFile);

/** What it printed and its exit code. */
export async function akashi(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number; out: string }> {
  try {
    const { stdout } = await runFile(process.execPath, [AKASHI, ...words], {
      env: { ...process.env, ...environment },
      maxBuffer: MOST_OUTPUT,
    });
    return { code: 0, out: stdout };
  } catch (error) {
    const {
      code = 1,
      stdout = '',
      stderr = '',
    } = error as { code?: number; stdout?: string; stderr?: string };
    return { code, out: `${stdout}${stderr}` };
  }
}
