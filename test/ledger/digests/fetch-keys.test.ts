/** Keys from AWS itself: the real client against a server that answers as CloudTrail does. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Invocation } from '../../../cli/command.ts';
import { digestsCommand } from '../../../cli/commands/digests.ts';
import { collect } from '../../../stages/collect.ts';
import { openLake } from '../../../vault/lake.ts';
import { codeOf, scratchFolder } from '../../vault/scratch.ts';
import { BEGIN, HOUR, makeSigner, Trail } from './parts/trail.ts';

const signer = makeSigner(BEGIN - HOUR, BEGIN + 240 * HOUR);
const other = makeSigner(BEGIN - 240 * HOUR, BEGIN - HOUR);
const newFolder = scratchFolder();
let folder: string;
let server: Server;
let asked: { region: string; body: { StartTime: number; EndTime: number; NextToken?: string } }[] = [];
let failure: string | null = null;

const inSeconds = ({ listed }: typeof signer) => ({
  ...listed,
  ValidityStartTime: Date.parse(String(listed.ValidityStartTime)) / 1000,
  ValidityEndTime: Date.parse(String(listed.ValidityEndTime)) / 1000,
});

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = JSON.parse(Buffer.concat(parts).toString()) as (typeof asked)[0]['body'];
    const region =
      /\/([a-z0-9-]+)\/cloudtrail\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    asked.push({ region, body });
    const page =
      body.NextToken === undefined
        ? { PublicKeyList: [inSeconds(other)], NextToken: 'more' }
        : { PublicKeyList: [inSeconds(signer)] };
    response.writeHead(failure === null ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(failure === null ? page : { __type: failure, message: 'refused' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = await newFolder();
  const trail = new Trail({ signer });
  for (let hour = 0; hour < 3; hour++) trail.hour([10]);
  for (const [key, { bytes, metadata }] of trail.objects) {
    mkdirSync(dirname(join(folder, 'in', key)), { recursive: true });
    writeFileSync(join(folder, 'in', key), bytes);
    if (Object.keys(metadata).length > 0)
      writeFileSync(join(folder, 'in', `${key}.metadata.json`), JSON.stringify({ Metadata: metadata }));
  }
  await collect(await openLake(join(folder, 'lake')), [join(folder, 'in')], { threads: 1 });
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  failure = null;
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => vi.unstubAllEnvs());

async function digests(
  values: Invocation['values'],
): Promise<{ code: number; report: { ok: boolean; series: unknown[] } }> {
  let out = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    const code = await digestsCommand.run({ words: [], values, lake: join(folder, 'lake'), json: true });
    return { code, report: JSON.parse(out) };
  } finally {
    write.mockRestore();
  }
}

test('every page of every region is asked for, over the time that the digests span, and kept for later', async () => {
  const file = join(folder, 'keys.json');
  const fetched = await digests({ 'fetch-keys': true, 'save-keys': file });
  expect(fetched).toMatchObject({ code: 0, report: { ok: true } });
  expect(asked.map(({ region, body }) => [region, body.NextToken])).toEqual([
    ['eu-west-1', undefined],
    ['eu-west-1', 'more'],
  ]);
  expect(asked[0]!.body.StartTime * 1000).toBeLessThanOrEqual(BEGIN);
  expect(asked[0]!.body.EndTime * 1000).toBeGreaterThan(BEGIN + 3 * HOUR);

  asked = [];
  const again = await digests({ keys: [file] });
  expect(again).toEqual(fetched);
  expect(asked).toEqual([]);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject([
    { PublicKeyList: [{}] },
    { PublicKeyList: [{}] },
  ]);
  expect(await codeOf(digests({ 'fetch-keys': true, 'save-keys': file }))).toBe('KEYS_NOT_SAVED');
});

test('without the permission, or without an answer, it is said and nothing is called valid', async () => {
  failure = 'AccessDeniedException';
  expect(await codeOf(digests({ 'fetch-keys': true }))).toBe('CLOUDTRAIL_DENIED');
  failure = 'InvalidTimeRangeException';
  expect(await codeOf(digests({ 'fetch-keys': true }))).toBe('CLOUDTRAIL_UNREACHABLE');
});
