/** Checksums of requests, compared as S3 does. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { S3Refusal } from './double-model.ts';

type Headers = Readonly<Record<string, string | undefined>>;

const COMPUTE: Readonly<Record<string, (body: Buffer) => string>> = {
  sha256: (body) => createHash('sha256').update(body).digest('base64'),
  sha1: (body) => createHash('sha1').update(body).digest('base64'),
  crc32: (body) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return sum.toString('base64');
  },
};

const PREFIX = 'x-amz-checksum-';
const NO_SUM = new Set(['mode', 'algorithm', 'type']);

/** Throws 400 for a wrong checksum or Content-MD5. `any`: there was one; the payload hash of the signature is none. */
export function checkSums(headers: Headers, body: Buffer): { any: boolean; sha256: string | null } {
  let any = false;
  const md5 = headers['content-md5'];
  if (md5 !== undefined) {
    any = true;
    if (Buffer.from(md5, 'base64').length !== 16) throw new S3Refusal(400, 'InvalidDigest');
    if (createHash('md5').update(body).digest('base64') !== md5) throw new S3Refusal(400, 'BadDigest');
  }
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = name.slice(PREFIX.length);
    if (!name.startsWith(PREFIX) || NO_SUM.has(algorithm)) continue;
    const compute = COMPUTE[algorithm];
    if (compute === undefined) throw new S3Refusal(501, 'NotImplemented', algorithm);
    any = true;
    if (compute(body) !== value) throw new S3Refusal(400, 'BadDigest');
  }
  return { any, sha256: headers[`${PREFIX}sha256`] ?? null };
}

export function needSum(any: boolean): void {
  if (!any)
    throw new S3Refusal(
      400,
      'InvalidRequest',
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    );
}
