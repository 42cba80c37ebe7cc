import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../infra/example/audit-trail.json', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function connect(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [AKASHI, 'connect', ...words], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: status, out: stdout, err: stderr };
}

test('files of both clouds are written, again without complaint, and what others wrote stays', () => {
  const out = join(folder, 'azure');
  const first = connect('azure', '--config', EXAMPLE, '--out', out);
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(readdirSync(out)).toContain('identity.bicep');
  expect(statSync(join(out, 'deploy.sh')).mode & 0o111).toBe(0o111);
  const { files } = JSON.parse(connect('azure', '--config', EXAMPLE, '--out', out, '--json').out) as {
    files: string[];
  };
  expect(files.map((file) => readFileSync(file, 'utf8').length > 0)).not.toContain(false);
  writeFileSync(join(out, 'main.tf'), 'my own\n');
  const refused = connect('azure', '--config', EXAMPLE, '--format', 'terraform', '--out', out);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain('CONNECT_OVERWRITE');
  expect(readFileSync(join(out, 'main.tf'), 'utf8')).toBe('my own\n');
});

test.each([
  [[], 2, 'one of azure and gcp'],
  [['aws'], 2, 'one of azure and gcp'],
  [['gcp', '--format', 'bicep', '--out', 'x'], 2, 'terraform and gcloud'],
  [['gcp', '--config', EXAMPLE], 2, '--out'],
  [['gcp', '--config', '/nowhere.json', '--out', 'x'], 1, '"/nowhere.json" is not there. Name the'],
])('%j: exit code %d', (words, code, said) => {
  const result = connect(...words);
  expect(result.code).toBe(code);
  expect(result.err).toContain(said);
});
