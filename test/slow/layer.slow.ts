import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BINDING, type Layer, LIBRARY, MOST_BYTES, makeLayer } from '../../infra/layer.ts';
import type { AkashiError } from '../../schema/error.ts';

const folder = mkdtempSync(join(tmpdir(), 'akashi-layer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** ELF's e_machine for AArch64. */
const AARCH64 = 183;

test('the layer holds DuckDB’s binding for Linux on arm64, within what Lambda takes', async (context) => {
  const made = await makeLayer(folder).catch((error: AkashiError) => error);
  if ('code' in made) {
    expect(made.code).toBe('LAYER_INSTALL');
    return context.skip(`no registry could be reached: ${made.message}`);
  }
  const { bytes } = made as Layer;
  console.log(`layer: ${bytes} of ${MOST_BYTES} bytes`);
  expect(bytes).toBeLessThan(MOST_BYTES);
  for (const path of [BINDING, LIBRARY]) {
    const header = readFileSync(join(folder, path)).subarray(0, 20);
    expect(header.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    expect(header.readUInt16LE(18)).toBe(AARCH64);
  }
  // As the bundles look for it on Lambda: by CommonJS, from the layer's folder of modules.
  const found = createRequire(join(folder, 'nodejs', 'node_modules', 'x.js')).resolve(
    '@duckdb/node-bindings',
  );
  expect(found.startsWith(folder)).toBe(true);
});
