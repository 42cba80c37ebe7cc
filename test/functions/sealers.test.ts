import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pack, unpack } from '../../functions/parts/payload.ts';
import { normaliseElsewhere } from '../../functions/seal/normalise-elsewhere.ts';
import { AkashiError } from '../../schema/error.ts';
import { type Drained, drain } from '../../stages/drain.ts';
import { EXPANSION_LIMITS } from '../../stages/expand.ts';
import { type JobResult, runJob } from '../../stages/job.ts';
import { pull } from '../../stages/pull.ts';
import { verify } from '../../stages/verify/verify.ts';
import { preserve } from '../../vault/evidence.ts';
import { type Lake, openLake } from '../../vault/lake.ts';
import type { Manifest } from '../../vault/manifest.ts';
import { scratchFolder } from '../vault/scratch.ts';
import { CloudWorld, contextOf, trailLog } from './world.ts';

const newFolder = scratchFolder();
const world = new CloudWorld();
let folder = '';
/** Two instances of the same function: each with its own /tmp, one lake. */
let lakes: [Lake, Lake];

beforeAll(async () => {
  folder = await newFolder();
  await world.start(folder);
  const opened = async (instance: string) => {
    process.env['AKASHI_HOME'] = join(folder, instance);
    return openLake(world.address);
  };
  lakes = [await opened('a'), await opened('b')];
});
afterAll(() => world.stop());

const preserved = (number: number) =>
  preserve(lakes[0], {
    source: 'aws.cloudtrail',
    role: 'records',
    body: Buffer.from(trailLog(number)),
    provenance: {
      origin: `s3://example-trail/${number}`,
      versionId: null,
      metadata: {},
      modified: null,
      receivedAt: 1_773_136_800_000_000 + number,
      collector: 'akashi/test',
    },
  });
const enough = () => false;
const sealedBy = ({ result }: Drained) => result?.objects ?? 0;

describe('two sealers at once', () => {
  test('whoever loses the head begins again: nothing is lost and nothing doubled', async () => {
    for (let round = 0; round < 3; round++) {
      for (let number = 0; number < 4; number++) await preserved(round * 10 + number);
      const both = await Promise.all(lakes.map((lake) => drain(lake, { enough, threads: 1 })));
      const last = await drain(lakes[0], { enough, threads: 1 });
      expect([...both, last].map(sealedBy).reduce((sum, one) => sum + one, 0)).toBe(4);
      expect(last.result).toMatchObject({ leftObjects: 0, inboxProblems: [] });
    }
    expect(world.stateKeys('pending/')).toEqual([]);
    const checked = await verify(lakes[1], { deep: true, threads: 1 });
    expect(checked.problems).toEqual([]);
    expect(checked.evidence.checked).toBe(12);
  });

  test('a pull by hand beside them begins again as well', async () => {
    for (let round = 0; round < 3; round++) {
      for (let number = 0; number < 4; number++) await preserved(200 + round * 10 + number);
      const [drained, pulled] = await Promise.all([
        drain(lakes[0], { enough, threads: 1 }),
        pull(lakes[1], [], { threads: 1 }),
      ]);
      expect(sealedBy(drained) + pulled.objects).toBe(4);
    }
  });

  test('one that is without time leaves the rest to the winner', async () => {
    await preserved(100);
    expect(await drain(lakes[1], { enough: () => true })).toEqual({ result: null, lost: 0, again: true });
    expect(sealedBy(await drain(lakes[0], { enough, threads: 1 }))).toBe(1);
  });
});

describe('rows made by another function', () => {
  const unheard = () => {};
  const manifestOf = async (number: number): Promise<Manifest> => {
    const { sha256, size } = await preserved(number);
    return {
      format: 1,
      source: 'aws.cloudtrail',
      role: 'records',
      sha256,
      size,
      origin: `s3://example-trail/${number}`,
      versionId: null,
      metadata: {},
      modified: null,
      receivedAt: 1_773_136_800_000_000 + number,
      collector: 'akashi/test',
    };
  };

  test('are the same as those made here', async () => {
    process.env['AKASHI_HOME'] = join(folder, 'n');
    const { handler } = await import('../../functions/normalise/index.ts');
    const manifests = [await manifestOf(200), await manifestOf(201)];
    const call = (_: string, event: unknown) => handler(event as never, contextOf('normalise'));
    const there = await normaliseElsewhere(lakes[0], 'normalise', unheard, call)(manifests);
    expect(there).toEqual(await runJob(lakes[1], manifests, EXPANSION_LIMITS));
  });

  test('count only for the bodies that were asked for, and with the bytes that were told', async () => {
    const manifests = [await manifestOf(202), await manifestOf(203)];
    const result = await runJob(lakes[0], manifests, EXPANSION_LIMITS);
    const answering = (change: (result: JobResult) => JobResult) =>
      normaliseElsewhere(lakes[0], 'normalise', unheard, async () => pack(change(structuredClone(result))))(
        manifests,
      );
    await expect(answering((one) => one)).resolves.toBeDefined();
    await expect(answering((one) => ({ ...one, evidence: one.evidence.slice(1) }))).rejects.toMatchObject({
      code: 'NORMALISE_WRONG',
    });
    await expect(
      answering((one) => ({
        ...one,
        files: {
          ...one.files,
          events: one.files.events.map((file) => ({ ...file, sha256: '0'.repeat(64) })),
        },
      })),
    ).rejects.toThrow(/holds other bytes/);
    await expect(
      normaliseElsewhere(lakes[0], 'normalise', unheard, async () => ({}))(manifests),
    ).rejects.toMatchObject({
      code: 'EVENT_WRONG',
    });
  });

  test('where the function cannot be called they are made here', async () => {
    const manifests = [await manifestOf(204)];
    const heard: string[] = [];
    const call = () => Promise.reject(new AkashiError('INVOKE_FAILED', 'out of memory'));
    const result = await normaliseElsewhere(
      lakes[0],
      'normalise',
      ({ message }) => heard.push(message),
      call,
    )(manifests);
    expect([heard, result.evidence.length]).toEqual([['out of memory'], 1]);
  });

  test('where the function is of another version they are made here as well', async () => {
    const manifests = [await manifestOf(205)];
    const heard: string[] = [];
    const result = await normaliseElsewhere(
      lakes[0],
      'normalise',
      ({ code }) => heard.push(code),
      async () => ({ ...pack({ rows: 'otherwise' }), format: 2 }),
    )(manifests);
    expect([heard, result.evidence.length]).toEqual([['FUNCTIONS_DIFFER'], 1]);
  });

  test('are handed over whole, whatever they hold', () => {
    const value = { map: new Map([['a', new Uint8Array([1, 2])]]), big: 2n ** 70n, none: undefined };
    expect(unpack(pack(value))).toEqual(value);
  });
});
