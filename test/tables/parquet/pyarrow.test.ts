import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowBuffer } from '../../../tables/parquet/row-buffer.ts';
import { anyRow, asRead, COLUMNS } from './columns.ts';

const python = process.env['PYTHON'] ?? 'python3';
const hasPyArrow = spawnSync(python, ['-c', 'import pyarrow']).status === 0;

test.skipIf(!hasPyArrow)('PyArrow reads the same rows and finds bounds that hold', () => {
  const folder = mkdtempSync(join(tmpdir(), 'akashi-pyarrow-'));
  try {
    const [random] = fc.sample(fc.array(anyRow, { minLength: 400, maxLength: 400, size: 'max' }), {
      numRuns: 1,
      seed: 1,
    });
    const regular = Array.from({ length: 25_000 }, (_, index) => ({
      time: index * 1_000,
      label: index % 3 === 0 ? null : `label ${index % 500}`,
      uid: `uid ${index}`,
      port: index % 65_536,
      bytes: index * 1e9,
      mfa: index % 5 === 0,
      targets: index % 7 === 0 ? null : Array.from({ length: index % 3 }, (__, item) => `t${item}`),
      raw: `{"index":${index}}`,
    }));
    const rows = [...random!, ...regular];
    const buffer = new RowBuffer(COLUMNS, { rowGroupRows: 22_000, bloomColumns: ['label', 'uid'] });
    for (const row of rows) buffer.add(row, null);
    writeFileSync(join(folder, 'file.parquet'), buffer.finish()!.bytes);
    writeFileSync(join(folder, 'rows.json'), JSON.stringify(asRead(rows)));
    const script = new URL('pyarrow_check.py', import.meta.url).pathname;
    const run = spawnSync(python, [script, join(folder, 'file.parquet'), join(folder, 'rows.json')], {
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain('25400 rows agree');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
