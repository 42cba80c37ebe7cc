/** Every manipulation a trail's owner, or a thief in the bucket, may try; each is named by its own state. */

import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { gatherKeys } from '../../../ledger/digests/keys.ts';
import { DIGEST_STATES, LOG_STATES } from '../../../ledger/digests/states.ts';
import { downloaded, flattened, inBucket, judged, named, soonAfter } from './parts/court.ts';
import { BEGIN, HOUR, keysOf, MINUTE, makeSigner, Trail, type TrailSigner } from './parts/trail.ts';

const signer = makeSigner(BEGIN - 24 * HOUR, BEGIN + 240 * HOUR);
const keys = keysOf(signer);
const seen = new Set<string>();

let trail: Trail;
beforeEach(() => {
  trail = new Trail({ signer });
  for (let hour = 0; hour < 6; hour++) trail.hour(hour === 3 ? [] : [5, 20, 55]);
});

const s3 = (key: string) => `s3://${trail.bucket}/${key}`;
const digest = (at: number) => trail.digests[at]!;
const log = (at: number, which = 1) => digest(at).logs[which]!;
const stored = (key: string) => trail.objects.get(key)!;
const edited = (bytes: Uint8Array) => gzipSync(gunzipSync(bytes).toString().replace(/\d/, 'x'));

async function states(facts: Parameters<typeof judged>[2] = {}): Promise<string[]> {
  const report = await judged(inBucket(trail), keys, facts);
  for (const { of, state } of report.problems) seen.add(`${of} ${state}`);
  for (const { of, state } of report.verdicts.values()) seen.add(`${of} ${state}`);
  expect(report.ok).toBe(report.problems.every(({ level }) => level !== 'invalid'));
  return named(report);
}

/** The report names just this, and nothing else. */
async function expectNamed(...wanted: string[]): Promise<void> {
  expect(await states()).toEqual(wanted.sort());
}

describe('nothing was done', () => {
  test('where it was delivered', async () => expectNamed());

  test.each([
    ['downloaded with its folders', downloaded],
    ['downloaded into one folder', flattened],
  ])('%s', async (_, copies) => {
    const report = await judged(copies(trail), keys);
    expect(report.problems).toEqual([]);
    expect(report.series).toMatchObject([{ held: 6, digests: { VALID: 6 }, logs: { VALID: 15 } }]);
    expect(report.verdicts.size).toBe(21);
  });

  test('copies renamed altogether are known by their content', async () => {
    const copies = inBucket(trail).map((copy, at) => ({
      ...copy,
      origin: `${copy.origin.includes('-Digest') ? 'CloudTrail-Digest' : 'log'}/${at}.bin`,
    }));
    const report = await judged(copies, keys);
    expect(report.problems).toEqual([]);
    expect(report.series).toMatchObject([{ digests: { VALID: 6 }, logs: { VALID: 15 } }]);
  });

  test('copies decompressed are right in content', async () => {
    const copies = downloaded(trail).map((copy) => ({
      ...copy,
      origin: copy.origin.replace(/\.gz$/, ''),
      bytes: gunzipSync(copy.bytes),
    }));
    const report = await judged(copies, keys);
    expect(report.ok).toBe(true);
    expect(report.series).toMatchObject([{ digests: { VALID: 6 }, logs: { VALID_CONTENT: 15 } }]);
  });

  test('an hour without logs is vouched for', async () => {
    const report = await judged(inBucket(trail), keys);
    expect(report.verdicts.get(s3(digest(3).key))).toMatchObject({ state: 'VALID' });
    expect(report.series[0]).toMatchObject({
      from: '2026-03-01T00:04:04.000Z',
      to: '2026-03-01T06:04:04.000Z',
    });
  });
});

describe('what the AWS CLI passes over', () => {
  test('newest digest deleted: its logs wait for a digest that should be there', async () => {
    trail.objects.delete(digest(5).key);
    const report = await judged(inBucket(trail), keys);
    expect(named(report)).toEqual([`digest TRUNCATED_TAIL ${report.series[0]!.name}`]);
    expect([...report.problems[0]!.unproven].sort()).toEqual(
      digest(5)
        .logs.map(({ key }) => s3(key))
        .sort(),
    );
    expect(report.ok).toBe(false);
  });

  test.each([1, 2])('newest %d digests and their logs deleted', async (count) => {
    const until = trail.end;
    for (const { key, logs } of trail.digests.slice(-count)) {
      trail.objects.delete(key);
      for (const one of logs) trail.objects.delete(one.key);
    }
    expect(await states({ until })).toEqual([expect.stringContaining('digest TRUNCATED_TAIL')]);
    const name = (await judged(inBucket(trail), keys)).series[0]!.name;
    expect(await states({ through: new Map([[name, until]]) })).toEqual([`digest TRUNCATED_TAIL ${name}`]);
    // Without anything that remembers them they cannot be missed.
    expect(await states()).toEqual([]);
  });

  test('newest digests deleted, told by those of another region', async () => {
    const other = new Trail({ signer, region: 'us-east-1' });
    for (let hour = 0; hour < 6; hour++) other.hour();
    for (const { key, logs } of trail.digests.slice(-2))
      for (const gone of [key, ...logs.map((one) => one.key)]) trail.objects.delete(gone);
    const report = await judged([...inBucket(trail), ...inBucket(other)], keys);
    expect(named(report)).toEqual([expect.stringMatching(/^digest TRUNCATED_TAIL .* eu-west-1$/)]);
  });

  test('wrong hash of the digest before', async () => {
    const twisted = trail.hour([10], { previous: 'wrong-hash' });
    await expectNamed(`digest CHAIN_HASH_MISMATCH ${s3(twisted.key)}`);
  });

  test('wrong signature of the digest before', async () => {
    const twisted = trail.hour([10], { previous: 'wrong-signature' });
    await expectNamed(`digest CHAIN_SIGNATURE_MISMATCH ${s3(twisted.key)}`);
  });

  test('a log that no digest names', async () => {
    const added = trail.deliver(digest(2).start + 30 * MINUTE);
    await expectNamed(`log UNREFERENCED_LOG ${s3(added.key)}`);
  });

  test('a log too young for a digest', async () => {
    const added = trail.deliver(trail.end + 20 * MINUTE);
    expect(await states({ now: soonAfter(trail) })).toEqual([`log PENDING ${s3(added.key)}`]);
    expect((await judged(inBucket(trail), keys, { now: soonAfter(trail) })).ok).toBe(true);
  });

  test('a log compressed again', async () => {
    const { key, content } = log(2);
    const again = { origin: s3(key), bytes: gzipSync(content, { level: 1, windowBits: 9 }), metadata: {} };
    const report = await judged([...inBucket(trail), { ...again, receivedAt: 1 }], keys);
    expect(named(report)).toEqual([`log VALID_CONTENT ${s3(key)}`]);
    expect(report.verdicts.get(s3(key))).toMatchObject({ state: 'VALID' });
    seen.add('log VALID_CONTENT');
  });

  test('a digest in the middle deleted: its logs are named', async () => {
    trail.objects.delete(digest(2).key);
    await expectNamed(`digest MISSING_DIGEST ${s3(digest(2).key)}`);
    const { problems } = await judged(inBucket(trail), keys);
    const missing = problems.find(({ state }) => state === 'MISSING_DIGEST')!;
    expect([...missing.unproven].sort()).toEqual(
      digest(2)
        .logs.map(({ key }) => s3(key))
        .sort(),
    );
  });

  test('two digests in a row deleted: the logs of both are named', async () => {
    trail.objects.delete(digest(1).key);
    trail.objects.delete(digest(2).key);
    const { problems } = await judged(inBucket(trail), keys);
    const missing = problems.find(({ state }) => state === 'MISSING_DIGEST')!;
    expect(missing.unproven).toHaveLength(6);
  });

  test('bytes appended to a log', async () => {
    const { key } = log(2);
    const original = stored(key).bytes;
    for (const more of [Buffer.from('x'), gzipSync('{"Records":[]}')]) {
      stored(key).bytes = Buffer.concat([original, more]);
      await expectNamed(`log INVALID_FORMAT ${s3(key)}`);
    }
  });

  test('a key that was not valid then: it proves no log, and excuses none', async () => {
    const early = makeSigner(BEGIN - 240 * HOUR, BEGIN - 24 * HOUR);
    const twisted = trail.hour([10, 20, 30], { signer: early });
    const [, edited, deleted] = twisted.logs;
    const both = keysOf(signer, early);
    const found = named(await judged(inBucket(trail), both));
    expect(found).toEqual([`digest KEY_OUT_OF_WINDOW ${s3(twisted.key)}`]);
    stored(edited!.key).bytes = gzipSync('{}');
    trail.objects.delete(deleted!.key);
    const report = await judged(inBucket(trail), both);
    expect(named(report)).toEqual([
      `digest KEY_OUT_OF_WINDOW ${s3(twisted.key)}`,
      `log HASH_MISMATCH ${s3(edited!.key)}`,
      `log NOT_FOUND ${s3(deleted!.key)}`,
    ]);
    expect(report.verdicts.get(s3(twisted.logs[0]!.key))).toMatchObject({ state: 'UNPROVEN' });
    seen.add('digest KEY_OUT_OF_WINDOW');
  });

  test('a key that became valid just after the digest ended is one it may be signed with', async () => {
    const next = makeSigner(trail.end + HOUR + 20 * MINUTE, trail.end + 240 * HOUR);
    trail.hour([10], { signer: next });
    expect((await judged(inBucket(trail), keysOf(signer, next))).problems).toEqual([]);
  });
});

describe('digests', () => {
  test('oldest deleted', async () => {
    trail.objects.delete(digest(0).key);
    await expectNamed(`digest NOT_FOUND ${s3(digest(0).key)}`);
    // Whoever only asked for what came later misses nothing.
    expect(await states({ since: digest(1).start })).toEqual([]);
  });

  test('edited', async () => {
    stored(digest(2).key).bytes = edited(stored(digest(2).key).bytes);
    await expectNamed(`digest SIGNATURE_INVALID ${s3(digest(2).key)}`);
  });

  test('a log struck off its list', async () => {
    const { key, text } = digest(2);
    const parsed = JSON.parse(text) as { logFiles: unknown[] };
    stored(key).bytes = gzipSync(JSON.stringify({ ...parsed, logFiles: parsed.logFiles.slice(1) }));
    const report = await judged(inBucket(trail), keys);
    expect(named(report)).toEqual([`digest SIGNATURE_INVALID ${s3(key)}`]);
    // Nothing in a digest with a broken signature proves anything.
    expect(report.problems.find(({ of }) => of === 'digest')!.unproven).toHaveLength(3);
  });

  test('signature exchanged', async () => {
    stored(digest(2).key).metadata['signature'] = digest(3).signature;
    await expectNamed(`digest SIGNATURE_INVALID ${s3(digest(2).key)}`);
  });

  test.each(['', 'zz', 'ab', 'not hex'])('signature %j', async (signature) => {
    stored(digest(2).key).metadata['signature'] = signature;
    const state = signature === '' ? 'METADATA_LOST' : 'SIGNATURE_INVALID';
    await expectNamed(`digest ${state} ${s3(digest(2).key)}`);
  });

  test('cut short, emptied, no JSON, of another shape', async () => {
    const { key } = digest(2);
    const whole = stored(key).bytes;
    const strange = [
      whole.subarray(0, -5),
      new Uint8Array(),
      gzipSync('{'),
      gzipSync('[]'),
      gzipSync('{"digestS3Bucket":1}'),
      gzipSync(Buffer.from([0xff, 0xfe])),
      Buffer.concat([whole, Buffer.from('more')]),
      gunzipSync(whole),
    ];
    for (const bytes of strange) {
      stored(key).bytes = bytes;
      await expectNamed(`digest INVALID_FORMAT ${s3(key)}`);
    }
  });

  test('bytes appended: the file is not CloudTrail’s, what it says still proves its logs', async () => {
    const { key, logs } = digest(2);
    stored(key).bytes = Buffer.concat([stored(key).bytes, gzipSync('')]);
    await expectNamed(`digest INVALID_FORMAT ${s3(key)}`);
    stored(logs[0]!.key).bytes = gzipSync('{}');
    await expectNamed(`digest INVALID_FORMAT ${s3(key)}`, `log HASH_MISMATCH ${s3(logs[0]!.key)}`);
  });

  test('put in the place of another', async () => {
    trail.objects.set(digest(3).key, { ...stored(digest(2).key) });
    await expectNamed(`digest MOVED ${s3(digest(3).key)}`, `digest MISSING_DIGEST ${s3(digest(3).key)}`);
  });

  test('in another bucket', async () => {
    const copies = inBucket(trail).map((copy) => ({ ...copy, origin: copy.origin.replace('demo', 'other') }));
    const report = await judged(copies, keys);
    expect(report.series[0]!.digests).toEqual({ MOVED: 6 });
    expect(report.ok).toBe(false);
  });

  test('a copy under the name of another', async () => {
    const copies = flattened(trail);
    const [a, b] = [digest(2), digest(3)].map(({ key }) => key.split('/').pop()!);
    const report = await judged(
      copies.map((copy) => (copy.origin.endsWith(a!) ? { ...copy, origin: `flat/${b}` } : copy)),
      keys,
    );
    expect(
      report.problems
        .filter(({ of }) => of === 'digest')
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['MISSING_DIGEST', 'MOVED']);
  });

  test('metadata lost on the way: proven by the next digest, all but the newest, and never called valid', async () => {
    for (const { key } of trail.digests) stored(key).metadata = {};
    const report = await judged(inBucket(trail), keys);
    expect(report.series[0]!.digests).toMatchObject({ METADATA_LOST: 6 });
    expect(report.ok).toBe(false);
    expect(report.series[0]!.logs).toMatchObject({ VALID: 12 });
    expect(report.verdicts.get(s3(digest(5).key))!.detail).not.toContain('proven all the same');
    seen.add('digest METADATA_LOST');
  });

  test('metadata lost and content edited: the next digest proves nothing of it', async () => {
    stored(digest(2).key).metadata = {};
    stored(digest(2).key).bytes = edited(stored(digest(2).key).bytes);
    const report = await judged(inBucket(trail), keys);
    expect(named(report)).toEqual([`digest METADATA_LOST ${s3(digest(2).key)}`]);
    expect(report.problems[0]!.detail).not.toContain('proven all the same');
  });

  test('metadata under the names of its HTTP headers', async () => {
    for (const { key } of trail.digests)
      stored(key).metadata = Object.fromEntries(
        Object.entries(stored(key).metadata).map(([name, value]) => [`X-Amz-Meta-${name}`, value]),
      );
    await expectNamed();
  });

  test('an algorithm we do not know: the metadata is not what CloudTrail gave', async () => {
    stored(digest(2).key).metadata['signature-algorithm'] = 'SHA1withRSA';
    await expectNamed(`digest METADATA_LOST ${s3(digest(2).key)}`);
    const { problems, series } = await judged(inBucket(trail), keys);
    expect(problems[0]!.detail).toContain('proven all the same, by its signature');
    expect(series[0]!.logs).toEqual({ VALID: 15 });
  });

  test('signed again with a key of one’s own', async () => {
    const thief = makeSigner(BEGIN - HOUR, BEGIN + 240 * HOUR);
    const theirs = new Trail({ signer: thief });
    for (let hour = 0; hour < 6; hour++) theirs.hour([5]);
    const report = await judged(inBucket(theirs), keys);
    expect(report.series[0]!.digests).toEqual({ KEY_NOT_FOUND: 6 });
    seen.add('digest KEY_NOT_FOUND');
  });

  test('without keys nothing is valid', async () => {
    const report = await judged(inBucket(trail), keysOf());
    expect(report.series[0]).toMatchObject({ digests: { KEY_NOT_FOUND: 6 }, logs: { UNPROVEN: 15 } });
    expect(report.ok).toBe(false);
  });

  test.each([
    ['no key at all', (one: TrailSigner) => ({ ...one.listed, Value: 'AAAA' })],
    ['not base64', (one: TrailSigner) => ({ ...one.listed, Value: '!' })],
    ['nothing', (one: TrailSigner) => ({ Fingerprint: one.fingerprint })],
    ['without validity', ({ listed: { Fingerprint, Value } }: TrailSigner) => ({ Fingerprint, Value })],
  ])('key list gives %s for the key', async (_, entry) => {
    const bad = keysOf({ ...signer, listed: entry(signer) as TrailSigner['listed'] });
    const report = await judged(inBucket(trail), bad);
    expect(report.series[0]!.digests).toEqual({ KEY_UNUSABLE: 6 });
    seen.add('digest KEY_UNUSABLE');
  });

  test('a key of another region', async () => {
    const [key] = keys.get(signer.fingerprint)!;
    const inRegion = (region: string) => gatherKeys([{ ...key!, region }]);
    const there = await judged(inBucket(trail), inRegion('us-east-1'));
    expect(there.series[0]!.digests).toEqual({ KEY_NOT_FOUND: 6 });
    expect((await judged(inBucket(trail), inRegion('eu-west-1'))).problems).toEqual([]);
  });

  test('a key too short to rely on', async () => {
    const short = makeSigner(BEGIN - HOUR, BEGIN + 240 * HOUR, 1024);
    const weak = new Trail({ signer: short });
    weak.hour();
    const report = await judged(inBucket(weak), keysOf(short));
    expect(report.series[0]!.digests).toEqual({ KEY_UNUSABLE: 1 });
  });

  test('a chain that begins anew', async () => {
    trail.skip(5);
    const restart = trail.hour([10], { previous: 'none' });
    trail.hour();
    await expectNamed(`digest UNKNOWN_TRAIL_RESTART ${s3(restart.key)}`);
    expect((await judged(inBucket(trail), keys)).ok).toBe(true);
  });

  test('times that leave a gap or overlap', async () => {
    const late = trail.hour([30], { shift: 10 * MINUTE });
    const early = trail.hour([30], { shift: -10 * MINUTE });
    await expectNamed(`digest TIME_GAP ${s3(late.key)}`, `digest OVERLAP ${s3(early.key)}`);
  });
});

describe('logs', () => {
  test('deleted', async () => {
    trail.objects.delete(log(2).key);
    await expectNamed(`log NOT_FOUND ${s3(log(2).key)}`);
  });

  test('edited', async () => {
    stored(log(2).key).bytes = edited(stored(log(2).key).bytes);
    await expectNamed(`log HASH_MISMATCH ${s3(log(2).key)}`);
  });

  test('exchanged for another', async () => {
    stored(log(2).key).bytes = stored(log(1).key).bytes;
    await expectNamed(`log HASH_MISMATCH ${s3(log(2).key)}`);
  });

  test('cut short, even by its last byte', async () => {
    const { key } = log(2);
    const whole = stored(key).bytes;
    for (const size of [0, 5, whole.length - 8, whole.length - 1]) {
      stored(key).bytes = whole.subarray(0, size);
      await expectNamed(`log INVALID_FORMAT ${s3(key)}`);
    }
  });

  test('moved to another key', async () => {
    const { key } = log(2);
    const bytes = stored(key);
    trail.objects.delete(key);
    const elsewhere = key.replace('/2026/03/01/', '/2026/03/02/');
    trail.objects.set(elsewhere, bytes);
    await expectNamed(`log NOT_FOUND ${s3(key)}`, `log UNREFERENCED_LOG ${s3(elsewhere)}`);
  });

  test('named by a backfill digest', async () => {
    const late = trail.deliver(digest(2).start + 30 * MINUTE);
    trail.backfill(digest(2).end, [late], trail.end);
    await expectNamed();
    const report = await judged(inBucket(trail), keys);
    expect(report.verdicts.get(s3(late.key))).toMatchObject({ state: 'BACKFILLED', level: 'valid' });
    expect(report.series.map(({ kind, digests }) => [kind, digests])).toEqual([
      ['hourly', { VALID: 6 }],
      ['backfill', { VALID: 1 }],
    ]);
  });

  test('backfill digests follow on one another apart from the hourly ones', async () => {
    const late = [2, 3, 4].map((at) => trail.deliver(digest(at).start + 30 * MINUTE));
    const written = late.map((one, at) => trail.backfill(digest(at + 2).end, [one], trail.end + at * HOUR));
    await expectNamed();
    trail.objects.delete(written[1]!.key);
    await expectNamed(
      `digest MISSING_DIGEST ${s3(written[1]!.key)}`,
      `log UNREFERENCED_LOG ${s3(late[1]!.key)}`,
    );
  });

  test('a backfill digest without the time it was written', async () => {
    const late = trail.deliver(digest(2).start + 30 * MINUTE);
    const written = trail.backfill(digest(2).end, [late], trail.end);
    delete stored(written.key).metadata['backfill-generation-timestamp'];
    await expectNamed(`digest METADATA_LOST ${s3(written.key)}`, `log UNREFERENCED_LOG ${s3(late.key)}`);
  });

  test('of an account, region or organisation without digests are not accused', async () => {
    const other = new Trail({ signer, account: '111122223333' });
    const alone = other.deliver(BEGIN + HOUR);
    const elsewhere = new Trail({ signer, prefix: 'of-another-trail' });
    const beside = elsewhere.deliver(BEGIN + HOUR);
    const report = await judged([...inBucket(trail), ...inBucket(other), ...inBucket(elsewhere)], keys);
    expect(report.ok).toBe(true);
    expect(report.without).toBe(2);
    for (const { key } of [alone, beside])
      expect(report.verdicts.get(s3(key))).toMatchObject({ state: 'UNPROVEN' });
    seen.add('log UNPROVEN');
  });

  test('of the time before the first digest are not accused', async () => {
    const before = trail.deliver(BEGIN - 30 * MINUTE);
    await expectNamed();
    const report = await judged(inBucket(trail), keys);
    expect(report.verdicts.get(s3(before.key))).toMatchObject({ state: 'UNPROVEN', level: 'open' });
  });

  test('what cannot be read is told, not thrown', async () => {
    const copies = inBucket(trail);
    const fails = async (): Promise<never> => {
      throw new Error('the disk is gone');
    };
    const report = await judged(copies, keys, {
      digests: [{ id: 'd', origin: s3(digest(0).key), metadata: {}, read: fails }],
    });
    expect(report.verdicts.get('d')).toMatchObject({ state: 'INVALID_FORMAT', detail: 'the disk is gone' });
    const logs = await judged(copies, keys, {
      logs: [{ id: 'l', origin: s3(log(0).key), receivedAt: 0, hashes: fails }],
    });
    expect(logs.verdicts.get('l')).toMatchObject({ state: 'INVALID_FORMAT', detail: 'the disk is gone' });
  });
});

describe('what is not to be mistaken', () => {
  const report = (...copies: ReturnType<typeof inBucket>[]) => judged(copies.flat(), keys);

  test('a key that became valid long after the digest ended', async () => {
    const late = makeSigner(trail.end + 4 * HOUR, trail.end + 240 * HOUR);
    trail.hour([10], { signer: late });
    const { series } = await judged(inBucket(trail), keysOf(signer, late));
    expect(series[0]!.digests).toEqual({ VALID: 6, KEY_OUT_OF_WINDOW: 1 });
  });

  test('backfill digests that name none before them are no restarts', async () => {
    for (const at of [1, 2]) {
      const late = trail.deliver(digest(at).start + 30 * MINUTE);
      trail.backfill(digest(at).end, [late], trail.end, { previous: 'none' });
    }
    await expectNamed();
  });

  test('a copy that begins later than what was asked for', async () => {
    trail.objects.delete(digest(0).key);
    expect(await states({ since: digest(1).start - 1 })).toEqual([`digest NOT_FOUND ${s3(digest(0).key)}`]);
  });

  test('a log hidden in its bucket under a name that says nothing', async () => {
    const { key } = log(2);
    trail.objects.set('hidden.json.gz', stored(key));
    trail.objects.delete(key);
    await expectNamed(`log NOT_FOUND ${s3(key)}`);
  });

  test('the copy received first is the original, in whatever order they are told', async () => {
    const { key, content } = log(2);
    const later = { origin: s3(key), bytes: gzipSync(content, { level: 0 }), metadata: {}, receivedAt: 2 };
    const { verdicts } = await report([later], inBucket(trail));
    expect(verdicts.get(s3(key))).toMatchObject({ state: 'VALID_CONTENT' });
  });

  test('Insight logs are asked of trails that have them', async () => {
    const first = trail.deliver(digest(2).start + 20 * MINUTE, 'CloudTrail-Insight');
    expect((await report(inBucket(trail))).verdicts.get(s3(first.key))).toMatchObject({ state: 'UNPROVEN' });
    trail.backfill(digest(2).end, [first], trail.end);
    expect((await report(inBucket(trail))).verdicts.get(s3(first.key))).toMatchObject({
      state: 'BACKFILLED',
    });
    const insight = new Trail({ signer, trail: 'insight', bucket: trail.bucket });
    insight.hour([5]);
    const text = insight.deliver(insight.end + 5 * MINUTE, 'CloudTrail-Insight');
    insight.hour([], { logs: [text] });
    for (let hour = 0; hour < 3; hour++) insight.hour();
    const added = insight.deliver(insight.digests[3]!.start + 20 * MINUTE, 'CloudTrail-Insight');
    expect(named(await report(inBucket(insight)))).toEqual([`log UNREFERENCED_LOG ${s3(added.key)}`]);
  });

  test('logs of an account’s own trail beside its organisation’s digests', async () => {
    const ofAll = new Trail({ signer, organisation: 'o-a1b2c3' });
    for (let hour = 0; hour < 6; hour++) ofAll.hour();
    const own = new Trail({ signer });
    own.deliver(BEGIN + 2 * HOUR);
    for (const copies of [inBucket, downloaded]) {
      const { problems, series } = await report(copies(ofAll), copies(own));
      expect(problems.map(({ state }) => state)).toEqual(['UNPROVEN']);
      expect(series[0]!.logs).toEqual({ VALID: 6 });
    }
    ofAll.deliver(BEGIN + 2 * HOUR);
    for (const copies of [inBucket, downloaded])
      expect((await report(copies(ofAll))).problems.map(({ state }) => state)).toEqual(['UNREFERENCED_LOG']);
  });

  test('a log that another trail may have named, in a digest that is missing', async () => {
    const second = new Trail({ signer, trail: 'second', bucket: 'amzn-s3-demo-bucket2' });
    for (let hour = 0; hour < 6; hour++) second.hour([]);
    second.objects.delete(second.digests[2]!.key);
    const added = trail.deliver(digest(2).start + 30 * MINUTE);
    const { problems } = await report(flattened(trail), flattened(second));
    expect(problems.map(({ state }) => state)).toEqual(['MISSING_DIGEST', 'UNPROVEN']);
    expect(problems[1]!.object).toContain(added.key.split('/').pop());
  });

  test('a digest that is not due yet', async () => {
    expect(await states({ now: trail.end + HOUR, until: trail.end + HOUR })).toEqual([]);
    const late = trail.end + 2 * HOUR;
    expect(await states({ now: late, until: late })).toEqual([expect.stringContaining('TRUNCATED_TAIL')]);
  });

  test('another trail that went on', async () => {
    const other = new Trail({ signer, trail: 'other', region: 'us-east-1' });
    for (let hour = 0; hour < 12; hour++) other.hour();
    expect((await report(inBucket(trail), inBucket(other))).problems).toEqual([]);
  });

  test('text that only some readers read', async () => {
    const { key, text } = digest(2);
    for (const bytes of [
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
      Buffer.from(text.replace('awsAccountId', 'aws\xff'), 'latin1'),
    ]) {
      stored(key).bytes = gzipSync(bytes);
      await expectNamed(`digest INVALID_FORMAT ${s3(key)}`);
    }
  });

  test('the logs of one missing digest and of another', async () => {
    const keysGone = [1, 3].map((at) => digest(at).key);
    for (let hour = 0; hour < 2; hour++) trail.hour();
    for (const key of [...keysGone, digest(5).key]) trail.objects.delete(key);
    const { problems } = await report(inBucket(trail));
    const missing = problems.filter(({ state }) => state === 'MISSING_DIGEST');
    expect(missing.map(({ unproven }) => unproven.length)).toEqual([3, 0, 3]);
  });
});

test('every state there is was reached', () => {
  const all = [
    ...Object.keys(DIGEST_STATES).map((state) => `digest ${state}`),
    ...Object.keys(LOG_STATES).map((state) => `log ${state}`),
  ];
  expect(all.filter((state) => !seen.has(state))).toEqual([]);
});
