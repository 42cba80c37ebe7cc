/** From downloaded files to verdicts: collect, then `akashi digests` as people and scripts meet it. */

import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Invocation } from '../../../cli/command.ts';
import { digestsCommand } from '../../../cli/commands/digests.ts';
import { collect } from '../../../stages/collect.ts';
import { digestSpan } from '../../../stages/digests.ts';
import { openLake } from '../../../vault/lake.ts';
import { BEGIN, HOUR, MINUTE, makeSigner, Trail } from './parts/trail.ts';

const AKASHI = fileURLToPath(new URL('../../../cli/akashi.ts', import.meta.url));
const signer = makeSigner(BEGIN - HOUR, BEGIN + 240 * HOUR);

let folder: string;
let trail: Trail;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'akashi-digests-'));
  trail = new Trail({ signer });
  for (let hour = 0; hour < 4; hour++) trail.hour([10, 40]);
  writeFileSync(at('keys.json'), JSON.stringify({ PublicKeyList: [signer.listed] }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]) => join(folder, ...parts);

/** As `aws s3 sync` and `aws s3api head-object` leave it. */
function download(into: string, sidecars: string | null): void {
  for (const [key, { bytes, metadata }] of trail.objects) {
    const path = at(into, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    if (sidecars === null || Object.keys(metadata).length === 0) continue;
    const beside = `${at(sidecars, key)}.metadata.json`;
    mkdirSync(dirname(beside), { recursive: true });
    writeFileSync(beside, JSON.stringify({ Metadata: metadata }));
  }
}

async function collected(): Promise<void> {
  await collect(await openLake(at('lake')), [at('in')], { threads: 1 });
}

/** A process of its own. */
function akashi(...words: string[]): { code: number | null; out: string } {
  const { status, stdout } = spawnSync(
    process.execPath,
    [AKASHI, 'digests', '--lake', at('lake'), ...words],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  return { code: status, out: stdout };
}

test('names of a time without digests do not decide for which regions and times keys are fetched', async () => {
  download('in', null);
  for (const time of ['00010101T000000Z', '99991231T230000Z']) {
    const name = `123456789012_CloudTrail-Digest_xx-none-1_t_xx-none-1_${time}.json.gz`;
    writeFileSync(at('in', name), gzipSync('{}'));
  }
  await collected();
  const now = BEGIN + 10 * HOUR;
  const { regions, window } = await digestSpan(await openLake(at('lake')), now);
  expect(regions).not.toContain('xx-none-1');
  expect(regions).toHaveLength(1);
  expect(window.from).toBeGreaterThan(BEGIN - 30 * HOUR);
  expect(window.to).toBe(now + HOUR);
});

/** The same within this process, which is faster. */
async function digests(
  values: Invocation['values'] = { keys: [at('keys.json')] },
  json = false,
): Promise<{ code: number; out: string }> {
  let out = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    const code = await digestsCommand.run({ words: [], values, lake: at('lake'), json });
    return { code, out: stripVTControlCharacters(out) };
  } finally {
    write.mockRestore();
  }
}

interface Printed {
  ok: boolean;
  series: { digests: Record<string, number>; logs: Record<string, number> }[];
  problems: { state: string; object: string; unproven: string[] }[];
  verdicts: Record<string, { of: string; state: string }>;
}

const printed = async (more: Invocation['values'] = {}) =>
  JSON.parse((await digests({ keys: [at('keys.json')], ...more }, true)).out) as Printed;

describe('akashi digests', () => {
  test('a clean trail: a table, verdicts by evidence, exit code 0', async () => {
    download('in', 'in');
    await collected();
    const { code, out } = await digests();
    expect(out).toMatch(
      /123456789012 +main_trail-1 +eu-west-1 +4 +8 +2026-03-01 00:04Z +2026-03-01 04:04Z +all valid/,
    );
    expect(code).toBe(0);
    const { verdicts, ok } = await printed();
    expect(ok).toBe(true);
    expect(Object.keys(verdicts)).toHaveLength(12);
    for (const [sha256, { state }] of Object.entries(verdicts))
      expect([sha256.length, state]).toEqual([64, 'VALID']);
  });

  test('what was removed, altered and added is named, exit code 1', async () => {
    trail.objects.delete(trail.digests[1]!.key);
    const [edited] = trail.digests[3]!.logs;
    trail.objects.get(edited!.key)!.bytes = gzipSync('{"Records":[{"eventID":"forged"}]}');
    const added = trail.deliver(trail.digests[3]!.start + 25 * MINUTE);
    download('in', 'in');
    await collected();
    const { code, out } = await digests();
    expect(code).toBe(1);
    expect(out).toContain(`MISSING_DIGEST s3://${trail.bucket}/${trail.digests[1]!.key}`);
    expect(out).toContain('2 logs now unproven');
    expect(out).toMatch(new RegExp(`HASH_MISMATCH .*${edited!.key.split('/').pop()}`));
    expect(out).toMatch(new RegExp(`UNREFERENCED_LOG .*${added.key.split('/').pop()}`));
    expect(out).toContain('3 invalid');
  });

  test('digests that must exist by now', async () => {
    download('in', 'in');
    await collected();
    const keys = [at('keys.json')];
    const { code, out } = await digests({ keys, until: 'now' });
    expect(code).toBe(1);
    expect(out).toContain('TRUNCATED_TAIL');
    expect((await digests({ keys, until: '2026-03-01T04:00:00Z' })).code).toBe(0);
  });

  test('signatures left behind: told, and brought later', async () => {
    download('in', 'sidecars');
    await collected();
    expect(await printed()).toMatchObject({
      ok: false,
      series: [{ digests: { METADATA_LOST: 4 }, logs: { VALID: 6 } }],
    });
    const brought = { metadata: [at('sidecars')] };
    expect(await printed(brought)).toMatchObject({ ok: true, series: [{ digests: { VALID: 4 } }] });
    // Whoever brings them cannot make another content valid.
    const other = `${at('sidecars', trail.digests[2]!.key)}.metadata.json`;
    writeFileSync(other, readFileSync(`${at('sidecars', trail.digests[1]!.key)}.metadata.json`));
    expect(await printed(brought)).toMatchObject({
      ok: false,
      series: [{ digests: { SIGNATURE_INVALID: 1 } }],
    });
  });

  test('bodies that no connector recognises any more still count as what they should be', async () => {
    download('in', 'in');
    const { key, logs } = trail.digests[1]!;
    writeFileSync(at('in', key), '');
    writeFileSync(at('in', logs[0]!.key), Buffer.from([0, 1, 2, 3]));
    await collected();
    const states = (await printed()).problems.map(({ state }) => state);
    expect(states).toContain('INVALID_FORMAT');
    expect(states).not.toContain('MISSING_DIGEST');
    expect(states).not.toContain('NOT_FOUND');
  });

  test('evidence gone from the vault is no proof', async () => {
    download('in', 'in');
    await collected();
    rmSync(at('lake', 'vault', 'evidence'), { recursive: true });
    const { problems } = await printed();
    expect(problems.filter(({ state }) => state === 'INVALID_FORMAT')).toHaveLength(4);
  });

  test('without keys, without digests, with wrong words', async () => {
    download('in', 'in');
    await collected();
    expect(await digests({})).toMatchObject({
      code: 1,
      out: expect.stringContaining('No public keys were given'),
    });
    expect(akashi('--until', 'soon').code).toBe(2);
    await expect(digests({ since: '2026-03-01T04:00:00' })).rejects.toThrow('with its zone');
    appendFileSync(at('keys.json'), '}');
    await expect(digests()).rejects.toMatchObject({ code: 'KEYS_UNREADABLE' });
    rmSync(at('lake'), { recursive: true });
    rmSync(at('in'), { recursive: true });
    mkdirSync(at('in'));
    writeFileSync(at('in', 'log.json'), '{"Records":[]}');
    await collected();
    await expect(digests({})).rejects.toMatchObject({ code: 'DIGESTS_MISSING' });
  });
});
