import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BINDING } from '../../infra/layer.ts';

const root = new URL('../../', import.meta.url);
const json = (name: string) =>
  JSON.parse(readFileSync(new URL(name, root), 'utf8')) as Record<string, Record<string, unknown>>;

test('the pinned DuckDB has a binding for Linux on arm64, which a release without one would not name', () => {
  const pinned = json('package.json')['dependencies']!['@duckdb/node-api'];
  const name = BINDING.replace(/^nodejs\//, '').replace(/\/duckdb\.node$/, '');
  expect(json('package-lock.json')['packages']![name]).toMatchObject({
    version: pinned,
    cpu: ['arm64'],
    os: ['linux'],
    integrity: expect.stringMatching(/^sha512-/),
  });
});
