import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../functions/bundle.ts';
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
