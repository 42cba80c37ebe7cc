/** What is put before the judge: digests and logs as they are held, wherever the copies lie. */

import type { LogHashes } from './gzip.ts';
import type { Claim } from './names.ts';
import type { ParsedDigest } from './parse.ts';
import type { DigestMetadata } from './signature.ts';
import type { DigestState } from './states.ts';

export interface HeldDigest {
  /** The caller's name for the object: the SHA-256 of a preserved body. */
  readonly id: string;
  /** `s3://bucket/key` when read there; the path of a copy otherwise. */
  readonly origin: string;
  /** The S3 object's metadata: the signature lives there. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The bytes as stored. What it throws is told as the object's problem. */
  read(): Promise<Uint8Array>;
}

export interface HeldLog {
  readonly id: string;
  readonly origin: string;
  /** Orders copies of one log by first sight; any unit. */
  readonly receivedAt: number;
  /** Hashes of the bytes as stored. What it throws is told as the object's problem. */
  hashes(): Promise<LogHashes>;
}

export interface Finding {
  readonly state: DigestState;
  readonly detail: string;
}

/** A held digest and what is known of it so far. */
export interface JudgedDigest {
  readonly id: string;
  readonly origin: string;
  readonly claim: Claim;
  readonly parsed: ParsedDigest | null;
  readonly metadata: DigestMetadata;
  /** Nothing in it may be believed unless this is true: CloudTrail signed exactly this. */
  readonly authentic: boolean;
  /** Empty while nothing is wrong. */
  readonly findings: readonly Finding[];
}
