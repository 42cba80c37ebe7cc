/** Where packages go. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { z } from 'zod';
import type { MadePackage } from '../../exports/package/make.ts';
import type { RecordsMode } from '../../exports/package/records.ts';
import type { RowForm } from '../../exports/package/rows.ts';
import { AkashiError } from '../../schema/error.ts';
import { readEnvironment } from '../environment.ts';
import type { ASKED } from '../parts/asked.ts';
import { placeOf } from '../parts/place.ts';
import { plainS3 } from '../parts/s3.ts';

/** S3 takes no more in one request. https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
const MOST_BYTES = 5 * 2 ** 30;

export interface ExportEvent {
  readonly id: string;
  readonly asked: z.output<typeof ASKED>;
  readonly account?: string | undefined;
  readonly records: RecordsMode;
  readonly rows: readonly RowForm[];
  readonly encryptTo: readonly string[];
  readonly allowEmpty: boolean;
}

export interface ExportAnswer {
  readonly bucket: string;
  readonly key: string;
  /** Of the zip, or of the zip encrypted. */
  readonly bytes: number;
  readonly rows: number;
  /** SHA-256 of the payload manifest: the package's name in the chain of custody. */
  readonly manifestSha256: string;
  readonly custody: MadePackage['custody'];
  readonly coverage: string | null;
}

/** Puts the file below AKASHI_EXPORTS, named by what is in it. Throws EXPORT_TOO_LARGE, EXPORT_REFUSED. */
export async function upload(
  path: string,
  { id, encryptTo }: Pick<ExportEvent, 'id' | 'encryptTo'>,
  made: MadePackage & { readonly rows: number },
  client = plainS3(),
): Promise<ExportAnswer> {
  const { AKASHI_EXPORTS: exports } = readEnvironment(['AKASHI_EXPORTS']);
  const { bucket, key: prefix } = placeOf(exports);
  const { manifestSha256, written: bytes, custody } = made;
  if (bytes > MOST_BYTES)
    throw new AkashiError(
      'EXPORT_TOO_LARGE',
      `the package has ${bytes} bytes, and at most ${MOST_BYTES} go into one object. Ask for a shorter time, or make it with \`akashi export\`.`,
    );
  const name = `akashi-evidence-${manifestSha256.slice(0, 16)}.zip${encryptTo.length > 0 ? '.age' : ''}`;
  const key = `${prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`}${id}/${name}`;
  await client
    .send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: createReadStream(path),
        ContentLength: bytes,
        ChecksumSHA256: await hashOf(path),
        ContentType: 'application/zip',
      }),
    )
    .catch((cause: unknown) => {
      throw new AkashiError(
        'EXPORT_REFUSED',
        `the package could not be put at s3://${bucket}/${key}: ${(cause as Error).message}. The role needs s3:PutObject there.`,
        { cause },
      );
    });
  return { bucket, key, bytes, rows: made.rows, manifestSha256, custody, coverage: made.coverage.verdict };
}

/** SHA-256 as S3 compares it. */
async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('base64');
}
