/** One bucket as the stores use it: where it is, how to ask, how often to ask again. */

import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { answerOf, isPassing, s3Error } from './s3-error.ts';
import type { Dialect, Place, S3Settings } from './settings.ts';

export interface Patience {
  /** Times in all that something is asked. */
  readonly attempts: number;
  /** Longest wait before asking again for the first time, milliseconds; doubles each time up to 20 s. */
  readonly firstWaitMillis: number;
  /** Silence after which a request is given up, milliseconds. */
  readonly silenceMillis: number;
}

export const PATIENCE: Patience = { attempts: 6, firstWaitMillis: 100, silenceMillis: 30_000 };
const LONGEST_WAIT_MILLIS = 20_000;
const CONNECT_MILLIS = 5000;

const ignore = (): void => {};
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

export interface Bucket {
  readonly client: S3Client;
  readonly place: Place;
  /** For messages: `s3://bucket/prefix`. */
  readonly name: string;
  readonly dialect: Dialect;
  readonly kmsKey: string | null;
  /** URL of the server; null for Amazon's. */
  readonly endpoint: string | null;
  readonly patience: Patience;
  /** What every request says: which bucket, and whose it must be. */
  readonly base: { readonly Bucket: string; readonly ExpectedBucketOwner?: string };
}

/** Credentials come from the environment, the profile or the machine's role, as everywhere in AWS tools. */
export function s3Client(
  settings: Pick<S3Settings, 'endpoint' | 'region'>,
  patience: Patience = PATIENCE,
): S3Client {
  const { endpoint, region } = settings;
  // Asking again is ours: only then is it known that an earlier try may have been carried out.
  const config: S3ClientConfig = {
    maxAttempts: 1,
    // Checksums are sent and compared by the stores themselves, over whole bodies, on any server.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_MILLIS,
      socketTimeout: patience.silenceMillis,
      requestTimeout: 0,
    },
    followRegionRedirects: endpoint === null,
    // Its warnings are about tries that are made again here, or reported in our words.
    logger: SILENT,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(region === null ? (endpoint === null ? {} : { region: 'us-east-1' }) : { region }),
  };
  return new S3Client(config);
}

/** A bucket of a lake; `part` is the folder of the store in it. */
export function bucketOf(
  client: S3Client,
  settings: Pick<S3Settings, 'dialect' | 'owner' | 'kmsKey' | 'endpoint'>,
  place: Place,
  patience: Patience = PATIENCE,
): Bucket {
  const { dialect, owner, kmsKey, endpoint } = settings;
  return {
    client,
    place,
    name: `s3://${place.bucket}/${place.prefix}`,
    dialect,
    kmsKey,
    endpoint,
    patience,
    base: { Bucket: place.bucket, ...(owner === null ? {} : { ExpectedBucketOwner: owner }) },
  };
}

/**
 * Asks until there is an answer that will not change by asking again. `again` is told whether an earlier try may have
 * been carried out. Throws what the last try threw.
 */
export async function ask<T>({ patience }: Bucket, request: (unclear: boolean) => Promise<T>): Promise<T> {
  let unclear = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await request(unclear);
    } catch (error) {
      const answer = answerOf(error);
      if (!isPassing(answer) || attempt >= patience.attempts) throw error;
      unclear ||= answer === 'unclear';
      await pause(patience.firstWaitMillis * 2 ** (attempt - 1));
    }
  }
}

/** Between half the time and all of it, so that those who were refused together do not come back together. */
async function pause(millis: number): Promise<void> {
  const most = Math.min(millis, LONGEST_WAIT_MILLIS);
  await new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)));
}

/** Runs work and says what went wrong in our words. */
export async function named<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw s3Error(error, what);
  }
}
