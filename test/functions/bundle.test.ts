import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { bundle, pass } from '../../functions/bundle.ts';
import { functionNamed } from '../../functions/list.ts';

test('data below the folder of a source that reads it goes along', async () => {
  const output = mkdtempSync(join(tmpdir(), 'akashi-bundle-'));
  try {
    const { folder, inputs } = await bundle('normalise', output);
    for (const name of ['iam.csv', 'rules/refined.csv', 'rules/verbs.csv'])
      expect([name, existsSync(join(folder, 'schema/actions', name))]).toEqual([name, true]);
    // As the list says: it goes without the layer.
    expect(inputs.some((input) => input.includes('@duckdb/node-api'))).toBe(
      functionNamed('normalise').duckdb,
    );
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});

test('names of a package that is imported while running are there, as they are in the sources', async () => {
  const output = mkdtempSync(join(tmpdir(), 'akashi-bundle-'));
  try {
    const entry = fileURLToPath(new URL('./parts/later.ts', import.meta.url));
    await pass(output, { entries: new Map([['index', entry]]), data: new Set() });
    const { clients } = (await import(pathToFileURL(join(output, 'index.mjs')).href)) as {
      clients: () => Promise<string[]>;
    };
    expect(await clients()).toEqual(['function', 'function']);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});
