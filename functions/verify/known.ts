/** The head remembered outside the lake, in an object of another bucket, as the file that verification reads and writes. */

import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { GetObjectCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import { AkashiError } from '../../schema/error.ts';
import { placeOf } from '../parts/place.ts';
import { plainS3 } from '../parts/s3.ts';

export interface KnownFile {
  readonly path: string;
  /** Puts back what verification wrote; it writes only when all is well. */
  keep(): Promise<void>;
}

/** Fetches it into `path`. Throws KNOWN_UNREADABLE: without it a lake that was put back could not be told. */
export async function knownFile(address: string, path: string, client = plainS3()): Promise<KnownFile> {
  const { bucket: Bucket, key: Key } = placeOf(address);
  await rm(path, { force: true });
  let before: number | null = null;
  try {
    const { Body, LastModified, Metadata } = await client.send(new GetObjectCommand({ Bucket, Key }));
    await writeFile(path, await Body!.transformToByteArray());
    const at = beganAt(Metadata?.[BEGAN], LastModified);
    if (at !== undefined) await utimes(path, at, at);
    before = await timeOf(path);
  } catch (cause) {
    if (!(cause instanceof NoSuchKey))
      throw new AkashiError(
        'KNOWN_UNREADABLE',
        `the remembered head ${address} cannot be read: ${(cause as Error).message}. AKASHI_KNOWN names it, and the role needs ` +
          's3:GetObject, s3:PutObject and s3:ListBucket there.',
        { cause },
      );
  }
  return {
    path,
    async keep() {
      const after = await timeOf(path);
      if (after === null || after === before) return;
      const Body = await readFile(path);
      const Metadata = { [BEGAN]: new Date(after).toISOString() };
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'text/plain', Metadata }));
    },
  };
}

/** When the run began that found it good. */
const BEGAN = 'akashi-began';

/** Never later than when S3 took it, by S3's own clock, as are the times of what is stored. */
function beganAt(told: string | undefined, taken: Date | undefined): Date | undefined {
  const began = new Date(told ?? Number.NaN);
  if (taken === undefined || Number.isNaN(began.getTime())) return taken;
  return began < taken ? began : taken;
}

/** Milliseconds of its last change; null where there is no file. */
const timeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
