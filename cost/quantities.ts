/** What was measured, and what has to be assumed beside it: each with its unit, and why. */

import { SEAL_EVERY_SECONDS } from '../functions/list.ts';
import measured from './measured.json' with { type: 'json' };

/** As `npm run cost` writes it: counted at the S3 protocol, timed on the machine that ran it. */
export interface Measured {
  readonly date: string;
  readonly cpu: string;
  /** Uncompressed bytes of log that one event has. */
  readonly bytesAnEvent: number;
  /** Bytes stored for each byte of log, uncompressed. */
  readonly stored: {
    readonly evidence: number;
    /** Parquet as seals write it, and as compaction leaves it. */
    readonly parquet: number;
    readonly compacted: number;
    /** Identities and needles, in the state store. */
    readonly index: number;
  };
  /** Requests of preserving one body. */
  readonly preserve: Requests;
  /** Requests of a seal, whatever its bodies, and of each of them. */
  readonly seal: Requests;
  readonly sealedBody: Requests;
  /** Bytes that a seal leaves in the vault beside rows: lists, ledger, growth. */
  readonly sealBytes: number;
  /** Bytes that a seal writes into the state store and soon replaces: their versions stay for some days. */
  readonly stateBytes: number;
  /** Requests of a compaction for each file it merges. */
  readonly compactedFile: Requests;
  /** CPU seconds for each GB of log. */
  readonly cpuSeconds: { readonly seal: number; readonly compact: number };
}

/** PUT, COPY, POST and LIST are charged alike; GET and HEAD alike; DELETE is free. */
export interface Requests {
  readonly put: number;
  readonly get: number;
}

export const MEASURED: Measured = measured;

export interface Volume {
  readonly gbADay: number;
  /** Account and region pairs that deliver an object every five minutes: an assumption; more of them cost more. */
  readonly streams: number;
}

export const VOLUMES: readonly Volume[] = [
  { gbADay: 1, streams: 10 },
  { gbADay: 100, streams: 60 },
  { gbADay: 10_000, streams: 5000 },
];

export const ASSUMED = {
  /** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html: about every 5 minutes. */
  deliveriesADay: 288,
  /** As often as infra/ deploys it (`seal.everySeconds`). */
  sealEverySeconds: SEAL_EVERY_SECONDS,
  /** Seconds that a core of Lambda on arm64 takes for one of the machine that measured: no such machine was here to ask. */
  arm64Factor: 1.3,
  /** Seconds that a seal waits for S3 beside computing: some 25 rounds of 40 ms. */
  sealWaitSeconds: 1,
  /** Seconds that ingest takes for an object, fetching and storing it. */
  ingestSeconds: 0.2,
  /** GB of memory, as functions/list.ts gives them. */
  memory: { ingest: 1, seal: 3008 / 1024, compact: 3008 / 1024, verify: 3008 / 1024, collect: 1, stamp: 0.5 },
  /** Schedules that start something each day, and seconds that each run takes: collect for two connectors, stamp, compact. */
  schedules: {
    collectRuns: 576,
    collectSeconds: 2,
    stampRuns: 24,
    stampSeconds: 2,
    compactRuns: 24,
    compactSeconds: 3,
  },
  /** Bodies that a second of verification looks at. */
  verifiedASecond: 500,
  /** Bytes of our own log lines for each invocation. */
  logBytes: 1500,
  customMetrics: 40,
  alarms: 20,
  keys: 2,
  /** S3 Bucket Keys: requests to S3 for one to KMS. */
  requestsAKmsCall: 100,
  daysKept: 365,
  /** Smaller objects stay in S3 Standard, as infra/stages/preserve.ts has it. */
  tieredBytes: 128 * 1024,
  /** Earlier versions in the state store, as infra/stages/preserve.ts has it. */
  stateVersionsDays: 30,
} as const;
