/** CUSTODY: who did what with the lake, when, under which case and at which head, on record before the first row leaves. */

import { createHash, randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { DraftOf } from '../ledger/entry.ts';
import { AkashiError } from '../schema/error.ts';
import type { Head } from '../tables/head.ts';
import type { StateStore } from '../vault/store.ts';
import { putNote } from './notes.ts';

export const TOOL = 'akashi/0.1.0';
/** Who took a body in, as its manifest says. */
export const COLLECTOR = TOOL;

/** Longer texts are left out of a record, which has their hash; characters. */
const MAX_TEXT = 8192;

/** Who acts, and for what. */
export interface Custodian {
  /** Who, as they say. */
  readonly actor: string;
  /** The account it is done with, as the system says. */
  readonly account: string;
  readonly case: string | null;
  readonly purpose: string | null;
}

/** `user@host` of this process; with the user behind sudo where there is one. */
export function systemAccount(): string {
  const { SUDO_USER: behind } = process.env;
  return `${userName()}@${hostname()}${behind === undefined ? '' : ` (sudo by ${behind})`}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have a number and no name.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Size and root of the head's checkpoint as it states them; its signature is the verifier's business. */
export function headFacts({ checkpoint }: Head): { headSize: number; headRoot: string | null } {
  if (checkpoint === null) return { headSize: 0, headRoot: null };
  const [, size = '', root = ''] = checkpoint.split('\n');
  const headRoot = Buffer.from(root, 'base64').toString('hex');
  // A head that was tampered with must not keep anybody from putting on record what they do.
  if (!/^\d{1,15}$/.test(size) || headRoot.length !== 64) return { headSize: 0, headRoot: null };
  return { headSize: Number(size), headRoot };
}

export interface Deed {
  readonly action: 'collect' | 'query' | 'export' | 'prove' | 'verify' | 'rebuild';
  /** What is acted on: the SQL, a uid, paths. */
  readonly subject: string;
  readonly parameters?: unknown;
  readonly rows?: number | null;
  readonly result?: string;
  /** Id of the record whose end this is. */
  readonly completes?: string;
}

export function custodyDraft(by: Custodian, head: Head, deed: Deed, now: number): DraftOf<'custody'> {
  const subject = deed.subject.toWellFormed();
  return {
    kind: 'custody',
    id: randomUUID(),
    action: deed.action,
    actor: by.actor.toWellFormed(),
    account: by.account.toWellFormed(),
    case: by.case?.toWellFormed() ?? null,
    purpose: by.purpose?.toWellFormed() ?? null,
    at: now,
    ...headFacts(head),
    subject: subject.length <= MAX_TEXT ? subject : null,
    subjectSha256: sha256(subject),
    parameters: parametersText(deed.parameters),
    rows: deed.rows ?? null,
    result: deed.result?.toWellFormed() ?? null,
    completes: deed.completes ?? null,
    tool: TOOL,
  };
}

function parametersText(parameters: unknown): string | null {
  if (parameters === undefined || parameters === null || Object.keys(parameters).length === 0) return null;
  const text = JSON.stringify(parameters, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  ).toWellFormed();
  return text.length <= MAX_TEXT ? text : JSON.stringify({ sha256: sha256(text) });
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Keeps records of one sitting: who acts on which head. */
export interface Recorder {
  /** Durable when it resolves. Resolves to the record's id, or null where none could be kept and none is required. */
  record(deed: Deed): Promise<string | null>;
}

export interface RecorderOptions {
  /** Throws CUSTODY_NOT_KEPT rather than go on without a record. */
  readonly required?: boolean;
  /** Hears why no record could be kept. */
  readonly onRefused: (reason: string) => void;
  readonly now?: () => number;
}

export function recorder(state: StateStore, head: Head, by: Custodian, options: RecorderOptions): Recorder {
  const { required = false, onRefused, now = () => Date.now() * 1000 } = options;
  return {
    async record(deed) {
      const draft = custodyDraft(by, head, deed, now());
      try {
        await putNote(state, draft);
        return draft.id;
      } catch (error) {
        // A lake that may only be read still answers; it says so, and whoever needs the record asks for it.
        if (!(error instanceof AkashiError && error.code.startsWith('STORE_'))) throw error;
        if (required)
          throw new AkashiError(
            'CUSTODY_NOT_KEPT',
            `No custody record could be kept, and one is required, so nothing was given out: ${error.message}`,
            { cause: error },
          );
        onRefused(error.message);
        return null;
      }
    },
  };
}

/** Rows held back so that most records can say how many left. */
const HELD_ROWS = 10_000;

/**
 * The same batches, the first of them given out only once the deed is on record: with its row count where the answer is
 * short; else without, and a second record tells the count at the end.
 */
export async function* recorded<B extends readonly unknown[]>(
  { record }: Recorder,
  deed: Deed,
  batches: AsyncIterable<B>,
  heldRows = HELD_ROWS,
): AsyncGenerator<B> {
  const held: B[] = [];
  let rows = 0;
  let begun: string | null | undefined;
  for await (const batch of batches) {
    rows += batch.length;
    if (begun !== undefined) {
      yield batch;
      continue;
    }
    held.push(batch);
    if (rows <= heldRows) continue;
    begun = await record(deed);
    yield* held.splice(0);
  }
  if (begun === undefined) {
    await record({ ...deed, rows });
    yield* held;
  } else if (begun !== null) {
    await record({ ...deed, rows, completes: begun });
  }
}

/** The batches of an answer whose deed is on record already, under that id; a second record tells how many rows left. */
export async function* completed<B extends readonly unknown[]>(
  { record }: Recorder,
  deed: Deed,
  begun: string | null,
  batches: AsyncIterable<B>,
): AsyncGenerator<B> {
  let rows = 0;
  for await (const batch of batches) {
    rows += batch.length;
    yield batch;
  }
  if (begun !== null) await record({ ...deed, rows, completes: begun });
}
