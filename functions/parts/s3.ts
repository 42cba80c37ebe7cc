/** S3 beside the lake: where packages go, and where a head is remembered. */

import { S3Client } from '@aws-sdk/client-s3';

/** Checksums are ours, over whole bodies; a server named by AWS_ENDPOINT_URL_S3 has buckets in its paths. */
export const plainS3 = (): S3Client =>
  new S3Client({
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined,
  });
