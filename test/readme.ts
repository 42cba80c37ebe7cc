/**
 * Runs the commands that the README and the docs show, as they stand: every fenced block marked `sh run`, in order,
 * with `bash -e` in the project's root. Set-up and test blocks are plain `sh`: `.ci/run` calls those itself.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const docs = readdirSync(new URL('../docs/', import.meta.url)).filter((name) => name.endsWith('.md'));
let ran = 0;

for (const file of ['README.md', ...docs.sort().map((name) => `docs/${name}`)]) {
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  for (const [, script] of text.matchAll(/^```sh run\n(.*?)^```/gms)) {
    console.log(`\n--- ${file}\n${script!.trim()}`);
    const { status } = spawnSync('bash', ['-euo', 'pipefail', '-c', script!], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    ran++;
    if (status !== 0) {
      console.error(`\n${file}: this block ended with ${status}`);
      process.exit(1);
    }
  }
}
if (ran === 0) {
  console.error('no block marked "sh run" was found');
  process.exit(1);
}
console.log(`\n${ran} blocks ran`);
