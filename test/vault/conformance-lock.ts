/**
 * What a server must refuse by itself, whoever asks and whatever our code does, and how the vault reads what others did
 * to its keys. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */

import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  type ObjectLockMode,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, beforeEach, describe, expect } from 'vitest';
import { collect } from '../../stages/collect.ts';
import { verify } from '../../stages/verify/verify.ts';
import { evidenceKey, makeKey } from '../../vault/keys.ts';
import type { Lake } from '../../vault/lake.ts';
import { checkVaultBucket } from '../../vault/s3/bucket-check.ts';
import type { Bucket } from '../../vault/s3/client.ts';
import { lakeOn } from '../../vault/s3/s3-lake.ts';
import type { S3Vault } from '../../vault/s3/s3-vault.ts';
import { s3Vault } from '../../vault/s3/s3-vault.ts';
import { listVersions, versionsFrom } from '../../vault/s3/versions.ts';
import type { StateStore } from '../../vault/store.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';
import type { Case, Implementation } from './conformance.ts';
import { codeOf, scratchFolder } from './scratch.ts';

export interface LockSubject {
  /** In a bucket with versioning and Object Lock. */
  readonly bucket: Bucket;
  readonly vault: S3Vault;
  /** Another client of the same vault. */
  again(): S3Vault;
  /** A bucket with neither. */
  readonly plain: Bucket;
  /** In a bucket that need not have either; of a lake with the vault. */
  readonly state: StateStore;
  /** Resolves when the server's clock has passed that time. */
  waitUntil(date: Date): Promise<void>;
}

type PutFacts = Partial<PutObjectCommandInput>;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const sum = (body: Uint8Array): string => createHash('sha256').update(body).digest('base64');
const sha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
const soon = (millis: number): Date => new Date(Math.ceil((Date.now() + millis) / 1000) * 1000);
const MINUTE = 60_000;

/** The HTTP status that a request is refused with; 200 when it is not. */
async function statusOf(request: Promise<unknown>): Promise<number | string> {
  return request.then(
    () => 200,
    (error: { $metadata?: { httpStatusCode?: number }; message?: string }) =>
      error.$metadata?.httpStatusCode ?? String(error.message),
  );
}

export function lockConformance(
  { name, statuses = {} }: Pick<Implementation, 'name' | 'statuses'>,
  newSubject: () => Promise<LockSubject>,
  it: Case,
): void {
  const newFolder = scratchFolder();
  /** Amazon's status, or the one by which this server refuses in the case under way. */
  const expected = (status: number): number => {
    const running = expect.getState().currentTestName ?? '';
    return Object.entries(statuses).find(([one]) => running.includes(`> ${one} (`))?.[1] ?? status;
  };

  describe(`${name}: what the server refuses`, () => {
    let subject: LockSubject;
    let folder: string;
    let key: string;
    beforeAll(async () => {
      folder = await newFolder();
    });
    beforeEach(async () => {
      subject = await newSubject();
      key = evidenceKey('linux.auth', randomBytes(32).toString('hex'));
    });

    const send: Bucket['client']['send'] = ((command: never) => subject.bucket.client.send(command)) as never;
    const target = (more: object = {}) => ({
      ...subject.bucket.base,
      Key: subject.bucket.place.prefix + key,
      ...more,
    });
    const put = async (text: string, facts: PutFacts = {}) => {
      const body = bytes(text);
      const { VersionId } = await send(
        new PutObjectCommand(
          target({
            Body: body,
            ChecksumAlgorithm: 'SHA256',
            ChecksumSHA256: sum(body),
            ...facts,
          }) as PutObjectCommandInput,
        ),
      );
      return VersionId!;
    };
    const locked = (mode: ObjectLockMode, millis = 2 * MINUTE): PutFacts => ({
      ObjectLockMode: mode,
      ObjectLockRetainUntilDate: soon(millis),
    });
    const remove = (VersionId: string | undefined, bypass = false) =>
      send(
        new DeleteObjectCommand(
          target({ VersionId, ...(bypass ? { BypassGovernanceRetention: true } : {}) }) as never,
        ),
      );
    const retain = (VersionId: string, Retention: object, bypass = false) =>
      send(
        new PutObjectRetentionCommand(
          target({ VersionId, Retention, ...(bypass ? { BypassGovernanceRetention: true } : {}) }) as never,
        ),
      );
    const hold = (VersionId: string, Status: string) =>
      send(new PutObjectLegalHoldCommand(target({ VersionId, LegalHold: { Status } }) as never));
    const read = async (VersionId?: string) =>
      (await send(new GetObjectCommand(target({ VersionId }) as never))).Body!.transformToString();
    const versions = async () => {
      for await (const found of listVersions(subject.bucket, key)) return found;
      return null;
    };
    const rule = (Mode: ObjectLockMode, millis: number) => ({ Mode, RetainUntilDate: soon(millis) });

    describe('compliance', () => {
      it('a locked version is not deleted', async () => {
        const id = await put('evidence', locked('COMPLIANCE'));
        expect(await statusOf(remove(id))).toBe(403);
        expect(await read(id)).toBe('evidence');
      });
      it('nor with a bypass', async () => {
        const id = await put('evidence', locked('COMPLIANCE'));
        expect(await statusOf(remove(id, true))).toBe(403);
        expect(await read(id)).toBe('evidence');
      });
      it('nor among many: the answer names it', async () => {
        const id = await put('evidence', locked('COMPLIANCE'));
        const Delete = { Objects: [{ Key: target().Key, VersionId: id }] };
        const answer = await send(new DeleteObjectsCommand({ ...subject.bucket.base, Delete }));
        expect(answer.Errors).toMatchObject([{ Key: target().Key, Code: 'AccessDenied' }]);
        expect(await read(id)).toBe('evidence');
      });
      it('its retention is not shortened', async () => {
        const id = await put('evidence', locked('COMPLIANCE'));
        expect(await statusOf(retain(id, rule('COMPLIANCE', MINUTE)))).toBe(403);
      });
      it('nor shortened with a bypass', async () => {
        const id = await put('evidence', locked('COMPLIANCE'));
        expect(await statusOf(retain(id, rule('COMPLIANCE', MINUTE), true))).toBe(403);
      });
      it('its mode is not lowered', async () => {
        const id = await put('evidence', locked('COMPLIANCE'));
        expect(await statusOf(retain(id, rule('GOVERNANCE', 3 * MINUTE), true))).toBe(403);
        const { Retention } = await send(new GetObjectRetentionCommand(target({ VersionId: id }) as never));
        expect(Retention?.Mode).toBe('COMPLIANCE');
      });
      it('its lock is not removed', async () => {
        const id = await put('evidence', locked('COMPLIANCE'));
        expect(await statusOf(retain(id, {}, true))).toBeGreaterThanOrEqual(400);
        expect(await statusOf(remove(id, true))).toBe(403);
      });
      it('its retention may be extended', async () => {
        const id = await put('evidence', locked('COMPLIANCE'));
        const longer = rule('COMPLIANCE', 3 * MINUTE);
        await retain(id, longer);
        const { Retention } = await send(new GetObjectRetentionCommand(target({ VersionId: id }) as never));
        expect(Retention?.RetainUntilDate?.getTime()).toBe(longer.RetainUntilDate.getTime());
      });
      it('an overwrite is a second version; the first stays what it was', async () => {
        const id = await put('evidence', locked('COMPLIANCE'));
        await put('forged');
        expect(await read(id)).toBe('evidence');
        expect(await statusOf(remove(id))).toBe(403);
      });
      it('a plain delete hides it and no more', async () => {
        const id = await put('evidence', locked('COMPLIANCE'));
        await remove(undefined);
        expect(await statusOf(read())).toBe(404);
        expect(await read(id)).toBe('evidence');
      });
      it('once its date has passed it may go', async () => {
        const facts = locked('COMPLIANCE', 2000);
        const id = await put('evidence', facts);
        expect(await statusOf(remove(id))).toBe(403);
        await subject.waitUntil(facts.ObjectLockRetainUntilDate!);
        expect(await statusOf(remove(id))).toBe(200);
      });
    });

    describe('governance', () => {
      it('a version is not deleted without a bypass', async () => {
        const id = await put('evidence', locked('GOVERNANCE'));
        expect(await statusOf(remove(id))).toBe(403);
      });
      it('a version is deleted with a bypass', async () => {
        const id = await put('evidence', locked('GOVERNANCE'));
        expect(await statusOf(remove(id, true))).toBe(200);
        expect(await versions()).toBeNull();
      });
      it('its retention is not shortened without a bypass', async () => {
        const id = await put('evidence', locked('GOVERNANCE'));
        expect(await statusOf(retain(id, rule('GOVERNANCE', MINUTE)))).toBe(403);
      });
      it('its retention is shortened with a bypass', async () => {
        const id = await put('evidence', locked('GOVERNANCE'));
        expect(await statusOf(retain(id, rule('GOVERNANCE', MINUTE), true))).toBe(200);
      });
      it('its mode is not changed without a bypass, not even to a stricter one', async () => {
        const id = await put('evidence', locked('GOVERNANCE'));
        expect(await statusOf(retain(id, rule('COMPLIANCE', 3 * MINUTE)))).toBe(403);
      });
      it('its mode is raised with a bypass, and then nothing lifts it', async () => {
        const id = await put('evidence', locked('GOVERNANCE'));
        await retain(id, rule('COMPLIANCE', 3 * MINUTE), true);
        expect(await statusOf(remove(id, true))).toBe(403);
      });
    });

    describe('legal hold', () => {
      it('keeps a version that has no retention', async () => {
        const id = await put('evidence', { ObjectLockLegalHoldStatus: 'ON' });
        expect(await statusOf(remove(id))).toBe(403);
        expect(await statusOf(remove(id, true))).toBe(403);
        await hold(id, 'OFF');
        expect(await statusOf(remove(id))).toBe(200);
      });
      it('can be set later', async () => {
        const id = await put('evidence');
        await hold(id, 'ON');
        const { LegalHold } = await send(new GetObjectLegalHoldCommand(target({ VersionId: id }) as never));
        expect(LegalHold?.Status).toBe('ON');
        expect(await statusOf(remove(id))).toBe(403);
        await hold(id, 'OFF');
      });
      it('outlives the retention', async () => {
        const facts = locked('GOVERNANCE', 2000);
        const id = await put('evidence', { ...facts, ObjectLockLegalHoldStatus: 'ON' });
        await subject.waitUntil(facts.ObjectLockRetainUntilDate!);
        expect(await statusOf(remove(id))).toBe(403);
        await hold(id, 'OFF');
        expect(await statusOf(remove(id))).toBe(200);
      });
      it('is ON or OFF and nothing else', async () => {
        const id = await put('evidence');
        expect(await statusOf(hold(id, 'MAYBE'))).toBe(expected(400));
      });
      it('that was never set is told as such', async () => {
        const id = await put('evidence');
        expect(await statusOf(send(new GetObjectLegalHoldCommand(target({ VersionId: id }) as never)))).toBe(
          expected(404),
        );
      });
    });

    describe('locks that make no sense', () => {
      it('a date in the past is refused', async () => {
        const past = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: soon(-MINUTE) } as const;
        expect(await statusOf(put('evidence', past))).toBe(400);
        expect(await versions()).toBeNull();
      });
      it('a date in the past is refused afterwards, too', async () => {
        const id = await put('evidence');
        expect(await statusOf(retain(id, rule('GOVERNANCE', -MINUTE)))).toBe(400);
      });
      it('a mode without a date is refused', async () => {
        expect(await statusOf(put('evidence', { ObjectLockMode: 'COMPLIANCE' }))).toBe(400);
      });
      it('a date without a mode is refused', async () => {
        expect(await statusOf(put('evidence', { ObjectLockRetainUntilDate: soon(MINUTE) }))).toBe(400);
      });
      it('an unknown mode is refused', async () => {
        const strict = {
          ObjectLockMode: 'STRICT' as ObjectLockMode,
          ObjectLockRetainUntilDate: soon(MINUTE),
        };
        expect(await statusOf(put('evidence', strict))).toBe(400);
      });
      it('a lock without a checksum is refused', async () => {
        const bare = new PutObjectCommand(target({ Body: bytes('x'), ...locked('GOVERNANCE') }) as never);
        expect(await statusOf(send(bare))).toBe(400);
      });
      it('retention that was never set is told as such', async () => {
        const id = await put('evidence');
        expect(await statusOf(send(new GetObjectRetentionCommand(target({ VersionId: id }) as never)))).toBe(
          expected(404),
        );
      });
      it('a delete marker takes no retention', async () => {
        await put('evidence');
        const { VersionId } = await remove(undefined);
        expect(await statusOf(retain(VersionId!, rule('GOVERNANCE', MINUTE)))).toBe(expected(405));
      });
    });

    describe('the bucket', () => {
      const lockSettings = (days: number) => ({
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled' as const,
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE' as const, Days: days } },
        },
      });
      it('versioning cannot be suspended', async () => {
        const change = (Status: 'Enabled' | 'Suspended') =>
          send(
            new PutBucketVersioningCommand({ ...subject.bucket.base, VersioningConfiguration: { Status } }),
          );
        const answer = await statusOf(change('Suspended'));
        // For the cases after this one, on a server that took it.
        if (answer === 200) await change('Enabled');
        expect(answer).toBe(expected(409));
      });
      it('Object Lock cannot be switched off', async () => {
        const ObjectLockConfiguration = { ObjectLockEnabled: 'Disabled' as 'Enabled' };
        expect(
          await statusOf(
            send(new PutObjectLockConfigurationCommand({ ...subject.bucket.base, ObjectLockConfiguration })),
          ),
        ).toBe(expected(400));
        await checkVaultBucket(subject.bucket);
      });
      it('a default of no days is refused', async () => {
        expect(
          await statusOf(
            send(new PutObjectLockConfigurationCommand({ ...subject.bucket.base, ...lockSettings(0) })),
          ),
        ).toBe(400);
      });
      it('without versioning takes no Object Lock', async () => {
        expect(
          await statusOf(
            send(new PutObjectLockConfigurationCommand({ ...subject.plain.base, ...lockSettings(1) })),
          ),
        ).toBe(expected(409));
      });
      it('without Object Lock says so', async () => {
        expect(await statusOf(send(new GetObjectLockConfigurationCommand(subject.plain.base)))).toBe(
          expected(404),
        );
      });
      it('without Object Lock takes no locked object', async () => {
        const { base, place } = subject.plain;
        const facts = { ...base, Key: place.prefix + key, Body: bytes('x'), ChecksumSHA256: sum(bytes('x')) };
        expect(await statusOf(send(new PutObjectCommand({ ...facts, ...locked('GOVERNANCE') })))).toBe(400);
      });
      it('with versioning and Object Lock is taken as a vault', async () => {
        await checkVaultBucket(subject.bucket);
      });
      it('without them is refused as a vault', async () => {
        expect(await codeOf(checkVaultBucket(subject.plain))).toBe('BUCKET_UNVERSIONED');
      });
      it('that does not exist is refused as a vault', async () => {
        const Bucket = `${subject.bucket.place.bucket}-absent`;
        const absent = {
          ...subject.bucket,
          base: { Bucket },
          place: { ...subject.bucket.place, bucket: Bucket },
        };
        expect(await codeOf(checkVaultBucket(absent))).toBe('STORE_GONE');
      });
    });

    describe('checksums', () => {
      it('a wrong SHA-256 is refused, and nothing is stored', async () => {
        expect(await statusOf(put('evidence', { ChecksumSHA256: sum(bytes('other')) }))).toBe(400);
        expect(await versions()).toBeNull();
      });
      it('a wrong Content-MD5 is refused, and nothing is stored', async () => {
        const ContentMD5 = createHash('md5').update('other').digest('base64');
        expect(await statusOf(put('evidence', { ContentMD5 }))).toBe(400);
        expect(await versions()).toBeNull();
      });
      it('the SHA-256 comes back with the object', async () => {
        const id = await put('evidence');
        const facts = await send(
          new HeadObjectCommand(target({ VersionId: id, ChecksumMode: 'ENABLED' }) as never),
        );
        expect(facts.ChecksumSHA256).toBe(sum(bytes('evidence')));
      });
      it('a part with a wrong SHA-256 is refused', async () => {
        const { UploadId } = await send(
          new CreateMultipartUploadCommand(target({ ChecksumAlgorithm: 'SHA256' }) as never),
        );
        const part = {
          UploadId,
          PartNumber: 1,
          Body: bytes('x'),
          ChecksumAlgorithm: 'SHA256',
          ChecksumSHA256: sum(bytes('y')),
        };
        expect(await statusOf(send(new UploadPartCommand(target(part) as never)))).toBe(400);
      });
    });

    describe('an upload in parts', () => {
      it('is locked from its first moment', async () => {
        const created = new CreateMultipartUploadCommand(
          target({ ChecksumAlgorithm: 'SHA256', ...locked('COMPLIANCE') }) as never,
        );
        const { UploadId } = await send(created);
        const body = bytes('in parts');
        const part = {
          UploadId,
          PartNumber: 1,
          Body: body,
          ChecksumAlgorithm: 'SHA256',
          ChecksumSHA256: sum(body),
        };
        const { ETag } = await send(new UploadPartCommand(target(part) as never));
        const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumSHA256: sum(body) }] };
        const { VersionId } = await send(
          new CompleteMultipartUploadCommand(target({ UploadId, MultipartUpload }) as never),
        );
        expect(await statusOf(remove(VersionId, true))).toBe(403);
      });
    });

    describe('conditions', () => {
      it('If-None-Match refuses a key in use, and makes no second version', async () => {
        await put('first', { IfNoneMatch: '*' });
        expect(await statusOf(put('second', { IfNoneMatch: '*' }))).toBe(412);
        expect((await versions())?.later).toEqual([]);
      });
      it('of 10 at once under If-None-Match one is stored', async () => {
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, n) => statusOf(put(`writer ${n}`, { IfNoneMatch: '*' }))),
        );
        expect(answers.filter((answer) => answer === 200)).toHaveLength(1);
        expect(answers.filter((answer) => answer === 412 || answer === 409)).toHaveLength(9);
        expect((await versions())?.later).toEqual([]);
      });
      it('If-None-Match holds when an upload in parts is completed', async () => {
        const { UploadId } = await send(
          new CreateMultipartUploadCommand(target({ ChecksumAlgorithm: 'SHA256' }) as never),
        );
        const body = bytes('in parts');
        const part = { UploadId, PartNumber: 1, Body: body, ChecksumSHA256: sum(body) };
        const { ETag } = await send(new UploadPartCommand(target(part) as never));
        await put('first');
        const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumSHA256: sum(body) }] };
        const complete = new CompleteMultipartUploadCommand(
          target({ UploadId, MultipartUpload, IfNoneMatch: '*' }) as never,
        );
        expect(await statusOf(send(complete))).toBe(412);
      });
      it('If-None-Match passes where only a delete marker is left on top', async () => {
        await put('first');
        await remove(undefined);
        expect(await statusOf(put('second', { IfNoneMatch: '*' }))).toBe(200);
      });
      it('If-Match refuses what has changed', async () => {
        await put('first');
        expect(await statusOf(put('second', { IfMatch: '"00000000000000000000000000000000"' }))).toBe(412);
      });
      it('If-Match refuses where there is nothing', async () => {
        expect(await statusOf(put('second', { IfMatch: '"00000000000000000000000000000000"' }))).toBe(
          expected(404),
        );
      });
      it('If-Match lets through who knows what is there', async () => {
        await put('first');
        const { ETag } = await send(new HeadObjectCommand(target() as never));
        expect(await statusOf(put('second', { IfMatch: ETag! }))).toBe(200);
      });
    });

    describe('the vault over it', () => {
      const store = async (text: string) => {
        key = evidenceKey('linux.auth', sha256(bytes(text)));
        await subject.vault.putIfAbsent(key, bytes(text), WRITE_KINDS.evidence);
        return (await subject.vault.stat(key))!;
      };
      const beside = (text: string) => put(text);

      it('stores evidence under the lock that was asked for', async () => {
        const { lock } = await store('evidence');
        expect(lock?.mode).toBe('compliance');
        expect(lock!.retainUntil.getTime()).toBeGreaterThan(Date.now());
        const { version } = (await subject.vault.stat(key))!;
        expect(await statusOf(remove(version, true))).toBe(403);
      });
      it('locks tiles and checkpoints, and leaves the files of a single batch unlocked', async () => {
        const { vault } = subject;
        const checkpoint = makeKey('checkpoint', { size: 1 });
        const data = makeKey('data', { table: 'events', day: '2026-01-31', batch: 'a'.repeat(64), part: 0 });
        await vault.putIfAbsent(checkpoint, bytes('checkpoint'), WRITE_KINDS.checkpoint);
        await vault.putIfAbsent(data, bytes('PAR1'), WRITE_KINDS.data);
        expect((await vault.stat(checkpoint))?.lock?.mode).toBe('compliance');
        expect((await vault.stat(data))?.lock).toBeUndefined();
      });
      it('reads the first version after somebody wrote another', async () => {
        const { version } = await store('evidence');
        await beside('forged');
        const { body, version: read } = await subject.vault.get(key);
        expect([sha256(body), read]).toEqual([sha256(bytes('evidence')), version]);
        expect(await subject.vault.putIfAbsent(key, bytes('evidence'), WRITE_KINDS.evidence)).toBe('exists');
      });
      it('another client finds the first version, too, and the later ones', async () => {
        await store('evidence');
        await beside('forged');
        await remove(undefined);
        await beside('forged again');
        const found = await versions();
        expect(found?.later).toHaveLength(2);
        expect(found?.deleteMarkers).toBe(1);
        expect(await read(found!.oldest!.versionId)).toBe('evidence');
      });
      it('reads through a delete marker, and lists what lies under it', async () => {
        const { version, size } = await store('evidence');
        await remove(undefined);
        expect(await subject.vault.get(key)).toMatchObject({ version });
        const listed: object[] = [];
        for await (const item of subject.vault.list(key)) listed.push(item);
        expect(listed).toMatchObject([{ key, size }]);
      });
      it('lists versions page by page, none lost, newest first', async () => {
        const ids = [];
        for (let n = 0; n < 5; n++) ids.push(await put(`version ${n}`));
        await remove(undefined);
        for (const pageSize of [1, 2, 5, 1000]) {
          const found = [];
          for await (const item of listVersions(subject.bucket, key, pageSize)) found.push(item);
          expect(found, `pages of ${pageSize}`).toHaveLength(1);
          expect(found[0]).toMatchObject({ oldest: { versionId: ids[0] }, deleteMarkers: 1 });
          expect(found[0]!.later).toHaveLength(4);
        }
      });
      it('finds keys that are read in order, whoever wrote over one of them, and not what is not there', async () => {
        const part = (number: number) =>
          makeKey('data', { table: 'flows', day: '2026-01-31', batch: 'e'.repeat(64), part: number });
        const ids: string[] = [];
        for (const number of [1, 2, 3]) {
          await subject.vault.putIfAbsent(part(number), bytes(`PAR1 ${number}`), WRITE_KINDS.data);
          ids.push((await subject.vault.stat(part(number)))!.version);
        }
        key = part(2);
        await beside('forged');
        await remove(undefined);
        const named = (list: readonly { key: string; oldest: { versionId: string } | null }[]) =>
          list.map((one) => `${one.key} ${one.oldest?.versionId}`);
        const stored = [1, 2, 3].map((number) => `${part(number)} ${ids[number - 1]}`);
        for (const from of [1, 2, 3]) {
          const found = await versionsFrom(subject.bucket, part(from));
          const own = found.filter((one) => one.key.includes('e'.repeat(64)));
          // Where a page begins differs; what it says of a key must not.
          expect(stored).toEqual(expect.arrayContaining(named(own)));
        }
        const fresh = s3Vault(subject.bucket, {
          lockFor: () => {
            throw new Error('nothing is stored');
          },
        });
        for (const number of [1, 2, 3])
          expect(sha256((await fresh.get(part(number))).body)).toBe(sha256(bytes(`PAR1 ${number}`)));
        expect(await fresh.stat(part(0))).toBeNull();
        expect(await fresh.stat(part(4))).toBeNull();
      });
      it('sets and clears legal holds', async () => {
        await store('evidence');
        await subject.vault.setLegalHold(key, true);
        expect((await subject.vault.stat(key))?.held).toBe(true);
        await subject.vault.setLegalHold(key, false);
        expect((await subject.vault.stat(key))?.held).toBe(false);
      });
      it('stores a large file in parts under its lock, and reads it back', async () => {
        const body = Buffer.alloc(13 * 2 ** 20, randomBytes(1 << 20));
        const path = join(folder, 'large');
        await writeFile(path, body);
        const file = { path, sha256: sha256(body), size: body.length };
        key = evidenceKey('linux.auth', file.sha256);
        const { vault } = subject;
        expect(await vault.putIfAbsent(key, file, WRITE_KINDS.evidence)).toBe('created');
        expect(await vault.putIfAbsent(key, file, WRITE_KINDS.evidence)).toBe('exists');
        expect((await vault.stat(key))?.lock?.mode).toBe('compliance');
        expect(sha256((await vault.get(key)).body)).toBe(file.sha256);
        const range = await vault.getRange(key, 5 * 2 ** 20 - 10, 5 * 2 ** 20 + 10);
        expect(Buffer.compare(range, body.subarray(5 * 2 ** 20 - 10, 5 * 2 ** 20 + 10))).toBe(0);
      });
      it('asks for no bypass, and has one way to remove: of data files that others replaced', async () => {
        const { vault } = subject;
        expect(Object.keys(vault).filter((method) => /remove|delete|bypass|^put$/i.test(method))).toEqual([
          'removeReplaced',
        ]);
        await store('evidence');
        await expect(vault.removeReplaced(key)).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
        expect(sha256((await vault.get(key)).body)).toBe(sha256(bytes('evidence')));
        const file = { table: 'events', day: '2026-01-31', batch: 'c'.repeat(64), part: 0 };
        const data = makeKey('data', file);
        await vault.putIfAbsent(data, bytes('PAR1'), WRITE_KINDS.data);
        await vault.removeReplaced(data);
        expect(await vault.stat(data)).toBeNull();
        const locked = makeKey('compacted', file);
        await vault.putIfAbsent(locked, bytes('PAR1'), WRITE_KINDS.compacted);
        await expect(vault.removeReplaced(locked)).rejects.toMatchObject({ code: 'STORE_DENIED' });
        expect((await vault.stat(locked))?.size).toBe(4);
      });
    });

    describe('akashi verify', () => {
      /** Collects one log into a new lake; `key` is its evidence. */
      const newLake = async (): Promise<Lake> => {
        const root = await newFolder();
        for (const name of ['.tmp', 'state', 'in']) await mkdir(join(root, name));
        const line =
          'Mar  1 10:00:00 host sshd[7]: Accepted password for alice from 192.0.2.7 port 22 ssh2\n';
        await writeFile(join(root, 'in', 'auth.log'), line);
        const lake = lakeOn({ address: 'here', root, vault: subject.vault, state: subject.state });
        await collect(lake, [join(root, 'in', 'auth.log')], { threads: 1, source: 'linux.auth' });
        key = evidenceKey('linux.auth', sha256(bytes(line)));
        return lake;
      };
      const said = async (lake: Lake) =>
        (await verify(lake, { deep: true })).problems.map(({ code, key: at }) => `${code} ${at}`);

      it('finds a lake whole', async () => {
        expect(await said(await newLake())).toEqual([]);
      });
      it('names a delete marker on evidence, and still reads what lies under it', async () => {
        const lake = await newLake();
        await remove(undefined);
        expect(await said(lake)).toEqual([`DELETE_MARKER ${key}`]);
      });
      it('names a second version on evidence, and still reads the first', async () => {
        const lake = await newLake();
        await put('forged');
        expect(await said(lake)).toEqual([`LATER_VERSION ${key}`]);
      });
      it('names a file of a batch that somebody removed: it was not locked', async () => {
        const lake = await newLake();
        for await (const item of lake.vault.list('tables/events/data/')) {
          if (!item.key.endsWith('.parquet')) continue;
          key = item.key;
          await remove((await lake.vault.stat(key))!.version);
        }
        const again = lakeOn({ ...lake, address: 'here', vault: subject.again(), state: subject.state });
        expect(await said(again)).toContain(`MISSING ${key}`);
      });
    });
  });
}
