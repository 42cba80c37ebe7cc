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
    /** Parquet as seals write it, as it is merged while its day grows, and as compaction leaves it. */
    readonly parquet: number;
    readonly merged: number;
    readonly compacted: number;
    /** Identities and needles, in the state store. */
    readonly index: number;
  };
  /** Requests of preserving one body. */
  readonly preserve: Requests;
  /** Requests of a seal, whatever its bodies, and of each of them. */
  readonly seal: Requests;
  readonly sealedBody: Requests;
  /** Requests of the first seal of a function that starts anew, whatever its bodies. */
  readonly coldSeal: Requests;
  /** Bytes that a seal leaves beside rows. */
  readonly sealBytes: {
    /** Of the ledger, in the vault and locked. */
    readonly ledger: number;
    /** Lists of files and hashes of their parts, in the vault until newer ones took their place and snapshots are given up. */
    readonly lists: number;
    /** In the state store and soon replaced: their versions stay for some days. */
    readonly state: number;
  };
  /** Entries of the ledger that a seal makes, whatever its bodies, and for each of them. */
  readonly entries: { readonly seal: number; readonly body: number };
  /** Requests of merging the files of a seal, and of giving them and their lists up. */
  readonly compactedSeal: Requests;
  readonly expiredSeal: Requests;
  /** CPU seconds for each GB of log. */
  readonly cpuSeconds: { readonly seal: number; readonly compact: number };
  /** Nanoseconds in which a seal looks for one of its events among those of one file of its day. */
  readonly copyNanos: number;
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
  /** Schedules that start something each day, and seconds that each run takes: collect for two connectors, stamp, compact; the sealer’s own finds nothing. */
  schedules: {
    sealRuns: 288,
    collectRuns: 576,
    collectSeconds: 2,
    stampRuns: 24,
    stampSeconds: 2,
    compactRuns: 24,
    compactSeconds: 3,
  },
  /**
   * What a second of verification gets done: requests for one object, many at once; entries of the ledger checked; what a page of
   * a listing takes; and memory for what the ledger and the listing say of a body.
   */
  verification: { askedASecond: 500, entriesASecond: 25_000, secondsAPage: 0.12, bytesABody: 900 },
  /** Seals that an instance of the sealer makes before Lambda replaces it: some two hours. */
  sealsAnInstance: 240,
  /** What one lake takes a day, GB: its sealer remembers a fingerprint of each event of the day. More is several lakes. */
  gbALake: 120,
  /** Rows of a compacted data file: a row group of stages/store.ts. */
  rowsAFile: 122_880,
  /** Keys that a seal leaves in the vault for good (growth and checkpoint), and until snapshots are given up (data files and lists). */
  ledgerKeysASeal: 2,
  keysASeal: 18,
  /** Lambda asks each queue for messages on five connections, each for at most 20 s. */
  pollsADay: (5 * 86_400) / 20,
  /** Each of three tables is read and moved. */
  glueRequestsASeal: 6,
  /** Bytes of our own log lines for each invocation. */
  logBytes: 1500,
  /** Told all day: 7 of the sealer, 3 each of ingest and collect with 2 for each of four feeds, 5 of compact and stamp; and 4 of questions and verification. */
  customMetrics: 30,
  /** As the template of such a deployment has them: an alarm over two metrics is charged as two. */
  alarmMetrics: 34,
  keys: 2,
  /** S3 Bucket Keys: requests to S3 for one to KMS. */
  requestsAKmsCall: 100,
  daysKept: 365,
  /** Smaller objects stay in S3 Standard. */
  movedBytes: 128 * 1024,
  /** What lasts is moved after so many days, as infra/stages/preserve.ts has it. */
  lastingDays: 8,
  /** Snapshots are given up after so many days, as functions/compact has it. */
  snapshotDays: 7,
  /** Earlier versions in the state store, as infra/stages/preserve.ts has it. */
  stateVersionsDays: 30,
  /** A line of S3's access logs, and how long they are kept, as infra/parts/bucket.ts has it. */
  accessLogBytes: 600,
  accessLogDays: 400,
} as const;
