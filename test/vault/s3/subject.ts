/** Stores in buckets as the conformance suite takes them: each under a prefix of its own. */

import { randomBytes } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { type Bucket, bucketOf, type Patience, s3Client } from '../../../vault/s3/client.ts';
import { s3State } from '../../../vault/s3/s3-state.ts';
import { type S3Vault, s3Vault } from '../../../vault/s3/s3-vault.ts';
import type { Dialect, LockMode } from '../../../vault/s3/settings.ts';
import type { PartSizes } from '../../../vault/s3/upload.ts';
import type { StateStore } from '../../../vault/store.ts';
import type { LockSubject } from '../conformance-lock.ts';

export interface Server {
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly dialect: Dialect;
  readonly vaultBucket: string;
  readonly stateBucket: string;
}

/** Long enough for a test to see its lock refuse, short enough to be cleaned up soon. */
export const LOCK_MILLIS = 120_000;
/** Parts as small as S3 takes them. */
export const SMALL_PARTS: PartSizes = { singleBytes: 12 * 2 ** 20, partBytes: 5 * 2 ** 20 };

export class Subjects {
  readonly server: Server;
  readonly client: S3Client;
  readonly patience: Patience;

  readonly sizes: PartSizes;

  constructor(server: Server, patience?: Partial<Patience>, sizes = SMALL_PARTS) {
    this.server = server;
    this.sizes = sizes;
    this.patience = { attempts: 8, firstWaitMillis: 20, silenceMillis: 30_000, ...patience };
    this.client = s3Client(server, this.patience);
  }

  bucket(name: string, prefix = `conformance/${randomBytes(6).toString('hex')}/`): Bucket {
    const { dialect, endpoint } = this.server;
    const settings = { dialect, endpoint, owner: null, kmsKey: null };
    return bucketOf(this.client, settings, { bucket: name, prefix }, this.patience);
  }

  vaultOn(bucket: Bucket, mode: LockMode = 'compliance', lockMillis = LOCK_MILLIS): S3Vault {
    const lockFor = () => ({
      mode,
      retainUntil: new Date(Math.ceil((Date.now() + lockMillis) / 1000) * 1000),
    });
    return s3Vault(bucket, { lockFor, sizes: this.sizes });
  }

  newVault() {
    const bucket = this.bucket(this.server.vaultBucket);
    return { bucket, store: this.vaultOn(bucket), again: () => this.vaultOn(bucket) };
  }

  newLock(wait: LockSubject['waitUntil'] = waitUntil): LockSubject {
    const { bucket, store, again } = this.newVault();
    const plain = this.bucket(this.server.stateBucket);
    return { bucket, vault: store, again, state: this.newState().store, plain, waitUntil: wait };
  }

  newState(): { bucket: Bucket; store: StateStore; again: () => StateStore } {
    const bucket = this.bucket(this.server.stateBucket);
    return { bucket, store: s3State(bucket), again: () => s3State(bucket) };
  }
}

/** For servers whose clock is this machine's. */
export async function waitUntil(date: Date): Promise<void> {
  // A second more: servers keep dates to the second.
  await new Promise((resolve) => setTimeout(resolve, date.getTime() - Date.now() + 1100));
}

/** What the SDK signs with where nobody checks it. */
export function useTestCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'testsecret';
}
