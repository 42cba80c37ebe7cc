import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { vaultPolicy, WRITER_ACTIONS } from '../../vault/s3/guard-rails.ts';
import { parseS3Address, parseS3File, SETTINGS } from '../../vault/s3/settings.ts';
import { S3Double } from '../vault/s3/double.ts';
import { scratchFolder } from '../vault/scratch.ts';

const page = readFileSync(new URL('../../docs/s3.md', import.meta.url), 'utf8');
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(page)![1]!;
const AKASHI = fileURLToPath(new URL('../../cli/akashi.ts', import.meta.url));
const newFolder = scratchFolder();
const double = new S3Double();
let endpoint: string;
beforeAll(async () => {
  endpoint = await double.start();
});
afterAll(() => double.stop());

test('docs/s3.md explains every setting, as the code does', () => {
  for (const [name, meaning] of Object.entries(SETTINGS))
    expect(page).toContain(`| \`${name}\` | ${meaning} |`);
});

test('its addresses and its settings file are what the code takes', () => {
  const addresses = [...page.matchAll(/'(s3:\/\/[^']+)'/g)].map(([, address]) => parseS3Address(address!));
  expect(addresses).toHaveLength(3);
  expect(parseS3File(block('json'), 'trail.json')).toMatchObject({
    vault: addresses[0]!.vault,
    state: addresses[0]!.state,
    retentionDays: 2557,
    sourceDays: { 'linux.auth': 365 },
  });
});

test('its bucket policy is the one the code makes, and its actions those that are needed', () => {
  expect(JSON.parse(block('json policy'))).toEqual(
    vaultPolicy({
      bucket: 'example-vault',
      leastDays: 2557,
      mode: 'compliance',
      releaseRole: 'arn:aws:iam::123456789012:role/hold-release',
      organisation: 'o-a1b2c3d4e5',
    }),
  );
  for (const action of Object.values(WRITER_ACTIONS).flat()) expect(page).toContain(`\`${action}\``);
});

test('its settings file works from collect to verify, at another endpoint', async () => {
  const folder = await newFolder();
  double.addBucket('example-vault', true);
  double.addBucket('example-state', false);
  const settings = join(folder, 'trail.json');
  writeFileSync(settings, JSON.stringify({ ...JSON.parse(block('json')), endpoint }));
  mkdirSync(join(folder, 'in'));
  const line = 'Mar  1 10:00:00 host sshd[7]: Accepted password for alice from 192.0.2.7 port 22 ssh2\n';
  writeFileSync(join(folder, 'in', 'auth.log'), line);
  const akashi = (...words: string[]) =>
    new Promise<{ status: number | null; said: string }>((resolve) => {
      const child = spawn(process.execPath, [AKASHI, ...words, '--json'], {
        env: {
          ...process.env,
          AKASHI_HOME: join(folder, 'home'),
          AKASHI_LAKE: settings,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'testsecret',
        },
      });
      let said = '';
      child.stdout.on('data', (chunk) => {
        said += chunk;
      });
      child.stderr.on('data', (chunk) => {
        said += chunk;
      });
      child.on('close', (status) => resolve({ status, said }));
    });
  expect(await akashi('collect', join(folder, 'in'))).toMatchObject({ status: 0 });
  const query = await akashi('query', 'select uid, actor_name from events');
  expect(JSON.parse(query.said).rows).toMatchObject([{ actor_name: 'alice' }]);
  expect(await akashi('verify', '--deep', '--rederive')).toMatchObject({ status: 0 });
  const { uid } = JSON.parse(query.said).rows[0];
  expect(await akashi('prove', uid, '--out', join(folder, 'proof'))).toMatchObject({ status: 0 });
  const packed = join(folder, 'package');
  const words = ['--sql', 'select * from events', '--case', 'INC-41', '--out', packed];
  expect(await akashi('export', ...words)).toMatchObject({ status: 0 });
  expect(JSON.parse((await akashi('verify', packed)).said)).toMatchObject({ ok: true, vouched: true });
  const held = () => [...double.buckets.get('example-vault')!.keys.values()].flat().filter((one) => one.held);
  const hold = ['hold', '--case', 'INC-42', '--reason', 'asked for'];
  expect(await akashi(...hold, '--sql', 'select * from events')).toMatchObject({ status: 0 });
  expect(held().length).toBeGreaterThan(1);
  expect(await akashi('verify', '--deep')).toMatchObject({ status: 0 });
  for (const version of held().slice(0, 1)) version.held = false;
  expect((await akashi('verify')).said).toContain('HOLD_MISSING');
  expect(await akashi(...hold, '--release')).toMatchObject({ status: 0 });
  expect(held()).toEqual([]);
}, 240_000);
