/**
 * The functions there are: what starts each one, what it may touch, and how large it is. Infrastructure makes roles,
 * queues and schedules from this list, and the bundle its folders. Data only.
 */

import type { Variable } from './environment.ts';

export type FunctionName =
  | 'collect'
  | 'ingest'
  | 'normalise'
  | 'seal'
  | 'stamp'
  | 'compact'
  | 'verify'
  | 'query'
  | 'execute'
  | 'export';

export type Trigger =
  /** One schedule for each connector that is no queue; the event is `{ "connector": { …its entry… } }`. */
  | { readonly kind: 'connector-schedule'; readonly everyMinutes: number }
  | { readonly kind: 'schedule'; readonly everyMinutes: number }
  /** Messages about new objects, from the queue of each `queue` connector, with its dead-letter queue. */
  | {
      readonly kind: 'object-queue';
      readonly batchSize: number;
      readonly windowSeconds: number;
      /** Receipts after which a message goes to the dead-letter queue. */
      readonly maxReceives: number;
    }
  /** The wake-up queue: FIFO, without content-based de-duplication. */
  | { readonly kind: 'wake-queue'; readonly batchSize: number; readonly maxReceives: number }
  /** A Function URL, or an HTTP API with payload format 2.0, that only signed requests reach. */
  | { readonly kind: 'http' }
  /** Called by another function of this list, or by a person with the right to. */
  | { readonly kind: 'invoke' };

/** What a role may do; each stands for the few actions that the work needs. */
export type Grant =
  /** See docs/s3.md for the actions of a reader and of a writer. */
  | 'vault:read'
  | 'vault:write'
  /** s3:PutObjectLegalHold. */
  | 'vault:hold'
  /** s3:DeleteObjectVersion below `vault/tables/` of the vault's prefix, where S3 refuses what is locked. */
  | 'vault:remove'
  | 'state:read'
  /** Put and delete as well. */
  | 'state:write'
  /** kms:GetPublicKey and kms:Sign on the ledger's key. */
  | 'ledger-key:sign'
  | 'wake:send'
  /** Reading what the scheduled connectors name: buckets, log groups, LookupEvents, tokens for Azure and Google. */
  | 'sources:read'
  /** s3:GetObject and s3:GetObjectVersion in the buckets of `queue` connectors, and kms:Decrypt on their keys. */
  | 'objects:read'
  | 'normalise:invoke'
  | 'execute:invoke'
  /** Asking the deployment's own Athena work group about the deployment's own tables. */
  | 'athena:ask'
  | 'export:invoke'
  /** Reading the one secret that AKASHI_TSA_SECRET names. */
  | 'tsa-secret:read'
  /** Writing below AKASHI_EXPORTS. */
  | 'exports:write'
  /** Reading and writing the one object that AKASHI_KNOWN names. */
  | 'known:write';

export interface FunctionFacts {
  readonly name: FunctionName;
  /** What it does, in one line. */
  readonly does: string;
  readonly triggers: readonly Trigger[];
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** Room below /tmp. */
  readonly scratchMegabytes: number;
  /** Started so often for so little that a trace of each run would cost more than the run: logs and metrics tell of them. */
  readonly untraced?: true;
  /** Whether it needs the layer with DuckDB's native binding. */
  readonly duckdb: boolean;
  /** Variables it reads; those marked optional in environment.ts may be left out. */
  readonly environment: readonly Variable[];
  readonly may: readonly Grant[];
}

/**
 * Seconds between two seals while logs keep coming, unless a deployment says otherwise: each seal has its price whatever it
 * holds, and what is preserved now can be asked for some seconds after the next one.
 */
export const SEAL_EVERY_SECONDS = 30;

/** Seconds that the wake-up queue holds each message back (its own `DelaySeconds`). */
export const WAKE_DELAY_SECONDS = SEAL_EVERY_SECONDS;

/**
 * Wake-ups sent within this many seconds are one. Not longer than the delay: then whatever was preserved before any of
 * them is there when the one is delivered.
 */
export const WAKE_WINDOW_SECONDS = WAKE_DELAY_SECONDS;

/** Where a layer's modules lie on Lambda; DuckDB's binding is looked for beside the bundle first, then here. */
export const LAYER_MODULES = '/opt/nodejs/node_modules';

export const FUNCTIONS: readonly FunctionFacts[] = [
  {
    name: 'collect',
    does: 'fetches what is new at one place, preserves it, moves its cursor and wakes the sealer',
    triggers: [{ kind: 'connector-schedule', everyMinutes: 5 }],
    memoryMegabytes: 1024,
    timeoutSeconds: 600,
    scratchMegabytes: 4096,
    duckdb: false,
    environment: ['AKASHI_LAKE', 'AKASHI_WAKE_QUEUE', 'AKASHI_WAKE_SECONDS', 'AKASHI_HOME'],
    may: ['vault:read', 'vault:write', 'state:read', 'state:write', 'wake:send', 'sources:read'],
  },
  {
    name: 'ingest',
    does: 'preserves the objects that notifications name and wakes the sealer',
    triggers: [{ kind: 'object-queue', batchSize: 50, windowSeconds: 5, maxReceives: 5 }],
    memoryMegabytes: 512,
    timeoutSeconds: 300,
    scratchMegabytes: 4096,
    untraced: true,
    duckdb: false,
    environment: [
      'AKASHI_LAKE',
      'AKASHI_WAKE_QUEUE',
      'AKASHI_WAKE_SECONDS',
      'AKASHI_OBJECT_CONNECTORS',
      'AKASHI_HOME',
    ],
    may: ['vault:read', 'vault:write', 'state:read', 'state:write', 'wake:send', 'objects:read'],
  },
  {
    name: 'normalise',
    does: 'makes the rows of one batch of preserved bodies, for the sealer',
    triggers: [{ kind: 'invoke' }],
    memoryMegabytes: 1769,
    timeoutSeconds: 600,
    scratchMegabytes: 2048,
    duckdb: false,
    environment: ['AKASHI_LAKE', 'AKASHI_HOME'],
    may: ['vault:read', 'vault:write', 'state:read', 'state:write'],
  },
  {
    name: 'seal',
    does: 'drains what is pending: rows made, tables and ledger grown, the head swapped',
    triggers: [
      { kind: 'wake-queue', batchSize: 10, maxReceives: 5 },
      // Whatever happened to a wake-up, nothing waits longer than this.
      { kind: 'schedule', everyMinutes: 5 },
    ],
    memoryMegabytes: 2048,
    timeoutSeconds: 600,
    scratchMegabytes: 4096,
    duckdb: false,
    environment: [
      'AKASHI_LAKE',
      'AKASHI_SIGNING_KEY',
      'AKASHI_WAKE_QUEUE',
      'AKASHI_WAKE_SECONDS',
      'AKASHI_NORMALISE_FUNCTION',
      'AKASHI_HOME',
    ],
    may: [
      'vault:read',
      'vault:write',
      'vault:hold',
      'state:read',
      'state:write',
      'ledger-key:sign',
      'wake:send',
      'normalise:invoke',
    ],
  },
  {
    name: 'stamp',
    does: 'has the newest checkpoint time-stamped',
    triggers: [{ kind: 'schedule', everyMinutes: 60 }],
    memoryMegabytes: 512,
    timeoutSeconds: 120,
    scratchMegabytes: 512,
    duckdb: false,
    environment: [
      'AKASHI_LAKE',
      'AKASHI_TSA',
      'AKASHI_TSA_ROOTS',
      'AKASHI_TSA_AUTHORIZATION',
      'AKASHI_TSA_SECRET',
      'AKASHI_WAKE_QUEUE',
      'AKASHI_WAKE_SECONDS',
      'AKASHI_HOME',
    ],
    may: ['vault:read', 'vault:write', 'state:read', 'state:write', 'wake:send', 'tsa-secret:read'],
  },
  {
    name: 'compact',
    does: 'merges the small files of days that are over, and gives up old snapshots',
    triggers: [{ kind: 'schedule', everyMinutes: 60 }],
    memoryMegabytes: 2048,
    timeoutSeconds: 900,
    scratchMegabytes: 10_240,
    duckdb: true,
    environment: ['AKASHI_LAKE', 'AKASHI_SIGNING_KEY', 'AKASHI_EXPIRE_DAYS', 'AKASHI_HOME'],
    may: [
      'vault:read',
      'vault:write',
      'vault:hold',
      'vault:remove',
      'state:read',
      'state:write',
      'ledger-key:sign',
    ],
  },
  {
    name: 'verify',
    does: 'checks the lake against its ledger and the head remembered elsewhere',
    triggers: [{ kind: 'schedule', everyMinutes: 24 * 60 }],
    memoryMegabytes: 3008,
    timeoutSeconds: 900,
    scratchMegabytes: 2048,
    duckdb: true,
    environment: [
      'AKASHI_LAKE',
      'AKASHI_KNOWN',
      'AKASHI_TSA_ROOTS',
      'AKASHI_WAKE_QUEUE',
      'AKASHI_WAKE_SECONDS',
      'AKASHI_HOME',
    ],
    may: ['vault:read', 'state:read', 'state:write', 'wake:send', 'known:write'],
  },
  {
    name: 'query',
    does: 'takes questions over HTTP, puts them on record, plans them and has them executed',
    triggers: [{ kind: 'http' }],
    memoryMegabytes: 1769,
    // Athena may take minutes; an executor has its own, shorter time.
    timeoutSeconds: 600,
    scratchMegabytes: 2048,
    duckdb: true,
    environment: [
      'AKASHI_LAKE',
      'AKASHI_WAKE_QUEUE',
      'AKASHI_WAKE_SECONDS',
      'AKASHI_EXECUTE_FUNCTION',
      'AKASHI_EXPORT_FUNCTION',
      'AKASHI_HOME',
    ],
    may: [
      'vault:read',
      'state:read',
      'state:write',
      'wake:send',
      'execute:invoke',
      'athena:ask',
      'export:invoke',
    ],
  },
  {
    name: 'execute',
    does: 'runs one admitted statement over the parts of files it was given links to; its role may do nothing',
    triggers: [{ kind: 'invoke' }],
    memoryMegabytes: 3008,
    timeoutSeconds: 110,
    scratchMegabytes: 4096,
    duckdb: true,
    environment: [],
    may: [],
  },
  {
    name: 'export',
    does: 'writes the answer to a question as an evidence package into the exports bucket',
    triggers: [{ kind: 'invoke' }],
    memoryMegabytes: 3008,
    timeoutSeconds: 900,
    scratchMegabytes: 10_240,
    duckdb: true,
    environment: ['AKASHI_LAKE', 'AKASHI_WAKE_QUEUE', 'AKASHI_WAKE_SECONDS', 'AKASHI_EXPORTS', 'AKASHI_HOME'],
    may: ['vault:read', 'state:read', 'state:write', 'wake:send', 'exports:write'],
  },
];

/** The facts of one. */
export function functionNamed(name: FunctionName): FunctionFacts {
  return FUNCTIONS.find((facts) => facts.name === name)!;
}
