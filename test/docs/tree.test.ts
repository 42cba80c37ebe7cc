import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The page of actions is the largest; what is larger was made by a program and left lying about. */
const MOST_BYTES = 1 << 20;

test.skipIf(!existsSync(join(root, '.git')))('no file of the repository is large', () => {
  const names = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((name) => name !== '' && existsSync(join(root, name)));
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => statSync(join(root, name)).size > MOST_BYTES)).toEqual([]);
});
