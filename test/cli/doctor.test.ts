import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Without credentials of any cloud, and without a way to them. */
const ALONE = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  NO_COLOR: '1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_REGION: 'eu-central-1',
};

function doctor(...words: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [AKASHI, 'doctor', ...words], {
    encoding: 'utf8',
    cwd: folder,
    env: ALONE,
  });
  return { code: status, out: stdout, err: stderr };
}

test('what is missing is told with what mends it, for people and for programs', () => {
  const { code, out } = doctor('--lake', 'nowhere');
  expect(code).toBe(1);
  expect(out).toMatch(/^sandbox$/m);
  expect(out).toMatch(/^ {2}missing {2}nowhere cannot be opened \[LAKE_MISSING\]\n +→ .*akashi collect/m);
  expect(out).toMatch(/\d+ things? missing, \d+ unknown, \d+ well\n$/);
});

test('a configuration that is refused, and a cloud without credentials, are findings', () => {
  writeFileSync(join(folder, 'bad.json'), '{"region": "nowhere"}');
  const bad = JSON.parse(doctor('--config', 'bad.json', '--json').out) as {
    findings: { area: string; state: string; what: string; fix: string }[];
  };
  expect(bad.findings.find(({ area }) => area === 'configuration')).toMatchObject({
    state: 'missing',
    what: expect.stringContaining('CONFIG_VALUE'),
  });
  // Found where `akashi pull` finds it.
  const connectors = [{ connector: 'aws.cloudtrail', delivery: 'bucket', bucket: 'example-trail' }];
  writeFileSync(join(folder, 'connectors.json'), JSON.stringify({ connectors }));
  const { code, out } = doctor();
  expect(code).toBe(1);
  expect(out).toContain('connectors.json names 1 place to collect from');
  expect(out).toMatch(/missing {2}AWS: .*\[PULL_CREDENTIALS\]\n +→ Sign in: aws sso login/);
  expect(out).toContain('aws.cloudtrail: not looked at: there are no credentials for AWS');
});

test('a configuration that is named and not there is an error', () => {
  expect(doctor('--config', 'none.json')).toMatchObject({ code: 1, out: '' });
});

test('a price is told without a lake once a volume is named, and without either both are asked for', () => {
  const { code, err } = doctor('--cost', '--lake', 'nowhere');
  expect(code).not.toBe(0);
  expect(err).toContain('--gb-per-day 100');
  expect(doctor('--cost', '--lake', 'nowhere', '--gb-per-day', '100').out).toContain('at 100 GB a day');
});

test('credentials without a region are told apart from none', () => {
  const connectors = [{ connector: 'aws.cloudtrail', delivery: 'bucket', bucket: 'example-trail' }];
  writeFileSync(
    join(folder, 'region.json'),
    JSON.stringify({ region: 'eu-west-1', retention: 365, connectors }),
  );
  const { status, stdout } = spawnSync(
    process.execPath,
    [AKASHI, 'doctor', '--config', 'region.json', '--lake', 'nowhere'],
    { encoding: 'utf8', cwd: folder, env: { ...ALONE, AWS_REGION: '' } },
  );
  expect(status).toBe(1);
  expect(stdout).toMatch(/missing {2}AWS: .*\[PULL_REGION\]\n +→ export AWS_REGION=eu-west-1$/m);
});
