/**
 * COLLECT and PRESERVE from live places: bytes are kept as they arrive, then cursors move and queues are answered. A crash
 * anywhere repeats work and skips none. Whoever seals is somebody else: what was preserved waits in the inbox.
 */

import type { ConfiguredFeed } from '../connectors/configured.ts';
import type { Arrival, FetchedWindow, Mark } from '../connectors/delivery/feed.ts';
import { spool } from '../connectors/delivery/spool.ts';
import { AkashiError } from '../schema/error.ts';
import { readHead } from '../tables/head.ts';
import { type PreserveRequest, preserveMany } from '../vault/evidence.ts';
import type { Lake } from '../vault/lake.ts';
import { pooled } from '../vault/pool.ts';
import { FeedCursor } from './cursor.ts';
import { COLLECTOR, type Custodian, custodyDraft, headFacts } from './custody.ts';
import { heldName, heldSince } from './held-objects.ts';
import { putNote } from './notes.ts';
import { putWindows } from './windows.ts';

/** Preserved together: one round of syncs, and one answer to a queue's messages. */
const BATCH_BODIES = 128;
const BATCH_BYTES = 32 * 2 ** 20;
/** What has arrived is preserved at least this often. */
const BATCH_MILLIS = 2000;
const FEEDS_AT_ONCE = 4;
const MOST_TOLD = 100;
/** What was fetched whole is put on record with what arrived; where nothing does, once it spans so much, microseconds. */
const TELL_MICROS = 3600 * 1e6;

export interface PreserveOptions {
  readonly now?: () => number;
  /** Who fetches, and for what: on record before the first body is preserved. */
  readonly by?: Custodian;
  /** Fetch this range instead of going on after the cursors, which stay where they are; milliseconds. */
  readonly range?: { readonly since: number; readonly until: number };
  readonly signal?: AbortSignal;
  /** What a feed, by its name, has fetched so far. */
  readonly onProgress?: (
    name: string,
    progress: { readonly objects: number; readonly bytes: number },
  ) => void;
}

export interface FeedResult {
  readonly name: string;
  readonly source: string;
  readonly delivery: string;
  /** Bodies fetched and preserved, and their size. */
  arrived: number;
  bytes: number;
  /** Objects found that the lake held already, and objects that are no logs of this connector. */
  held: number;
  notLogs: number;
  /** What could not be fetched: it is tried again by the next pull. */
  missedCount: number;
  /** The first of those. */
  readonly missed: { readonly origin: string; readonly code: string; readonly problem: string }[];
  /** Why the feed stopped before it had caught up; null when it did. */
  error: { readonly code: string; readonly message: string } | null;
}

/**
 * Fetches and preserves every feed, a few at once; one that fails leaves the others alone. When it resolves, everything
 * told is durable and in the sealer's inbox, cursors have moved and queues were answered. An abort ends it in good order.
 */
export async function preserveFeeds(
  lake: Lake,
  feeds: readonly ConfiguredFeed[],
  options: PreserveOptions = {},
): Promise<FeedResult[]> {
  const { now = Date.now, by } = options;
  // Who fetches is on record before the first body is kept, once; a pull that finds nothing new leaves no trace.
  let recorded: Promise<void> | null = null;
  const onRecord = async () => {
    recorded ??= by === undefined ? Promise.resolve() : putOnRecord(lake, feeds, by, now() * 1000);
    await recorded;
  };
  const pullers = feeds.map((feed) => new Puller(lake, feed, options, onRecord));
  await pooled(pullers, FEEDS_AT_ONCE, (puller) => puller.run());
  const asOf = now() * 1000;
  const told = pullers.filter(
    ({ result, windows }) => windows.length > 0 && (result.arrived > 0 || spanOf(windows) >= TELL_MICROS),
  );
  await putWindows(
    lake.state,
    told.flatMap(({ feed: { source }, windows }) =>
      windows.map(({ account, region, from, to }) => ({
        stream: { source, account, region },
        from,
        to,
        asOf,
      })),
    ),
  );
  // In the inbox now; a crash before this says it twice, which is as true.
  for (const puller of told) await puller.settle();
  return pullers.map(({ result }) => result);
}

/** From the first to the last instant that windows speak of, microseconds. */
const spanOf = (windows: readonly FetchedWindow[]): number =>
  Math.max(0, ...windows.map(({ to }) => to)) - Math.min(...windows.map(({ from }) => from));

async function putOnRecord(
  lake: Lake,
  feeds: readonly ConfiguredFeed[],
  by: Custodian,
  at: number,
): Promise<void> {
  const { head } = await readHead(lake.state);
  const subject = feeds.map(({ name, source, delivery }) => `${name} ${source} ${delivery}`).join('\n');
  await putNote(lake.state, custodyDraft(by, head, { action: 'collect', subject }, at));
}

class Puller {
  readonly feed: ConfiguredFeed;
  readonly result: FeedResult;
  readonly #lake: Lake;
  readonly #options: PreserveOptions;
  readonly #onRecord: () => Promise<void>;
  readonly #cursor: FeedCursor;
  /** Names of what the lake holds, and the instant since which they are known, milliseconds. */
  #held: { readonly names: ReadonlySet<string>; readonly since: number } | null = null;
  #ledgerBefore: number | undefined;
  #arrivals: Arrival[] = [];
  #marks: Mark<unknown>[] = [];
  #bytes = 0;
  #flushed = 0;

  constructor(lake: Lake, feed: ConfiguredFeed, options: PreserveOptions, onRecord: () => Promise<void>) {
    const { name, source, delivery, place } = feed;
    this.feed = feed;
    this.#lake = lake;
    this.#options = options;
    this.#onRecord = onRecord;
    this.#cursor = new FeedCursor(lake.state, name, place);
    this.result = {
      name,
      source,
      delivery,
      arrived: 0,
      bytes: 0,
      held: 0,
      notLogs: 0,
      missedCount: 0,
      missed: [],
      error: null,
    };
  }

  /** Windows that were fetched whole and are not on record as coverage yet. */
  get windows(): readonly FetchedWindow[] {
    return this.#cursor.progress.windows;
  }

  /** Never throws what the vendor or the network did: that is the feed's result. */
  async run(): Promise<void> {
    try {
      await this.#cursor.load();
      await this.#fetch();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Its windows are in the inbox. */
  async settle(): Promise<void> {
    if (this.windows.length === 0) return;
    await this.#cursor.save({ windows: [] }).catch((error: unknown) => this.#fail(error));
  }

  async #fetch(): Promise<void> {
    const { range = null, now = Date.now, signal = new AbortController().signal } = this.#options;
    const copies = new Set(this.#cursor.progress.copies);
    // Before anything is stored, so that the sealer knows where to look for it.
    this.#ledgerBefore = headFacts((await readHead(this.#lake.state)).head).headSize;
    const feed = await this.feed.open();
    this.#flushed = now();
    const steps = feed.steps({
      after: this.#cursor.progress.cursor,
      range,
      now: now(),
      signal,
      heldSince: async (millis) => {
        const names = await this.#heldNames(millis);
        return (origin, version) => {
          const name = heldName(origin, version);
          return names.has(name) || copies.has(name);
        };
      },
      spool: (chunks) => spool(chunks, () => this.#lake.scratchPath('.arrival')),
    });
    try {
      for await (const step of steps) {
        switch (step.kind) {
          case 'arrival':
            this.#arrivals.push(step);
            this.#bytes += step.body instanceof Uint8Array ? step.body.length : step.body.size;
            break;
          case 'mark':
            this.#marks.push(step);
            break;
          case 'passed':
            if (step.reason === 'held') this.result.held++;
            else this.result.notLogs++;
            break;
          case 'missed':
            this.result.missedCount++;
            if (this.result.missed.length < MOST_TOLD) {
              const { origin, code, problem } = step;
              this.result.missed.push({ origin, code, problem });
            }
            break;
          default:
            step satisfies never;
        }
        const full = this.#arrivals.length >= BATCH_BODIES || this.#bytes >= BATCH_BYTES;
        if (full || now() - this.#flushed > BATCH_MILLIS) await this.#flush();
      }
    } finally {
      // What arrived before a failure is kept, and so is how far it reaches.
      await this.#flush();
    }
  }

  /** What a queue tells of is new, or fetched once more. */
  async #heldNames(since: number): Promise<ReadonlySet<string>> {
    if (this.feed.told === true) return new Set();
    if (this.#held === null || since < this.#held.since)
      this.#held = { names: await heldSince(this.#lake, this.feed.source, since * 1000), since };
    return this.#held.names;
  }

  async #flush(): Promise<void> {
    const [arrivals, marks] = [this.#arrivals, this.#marks];
    this.#arrivals = [];
    this.#marks = [];
    this.#bytes = 0;
    const { now = Date.now } = this.#options;
    this.#flushed = now();
    const requests = arrivals.map(
      ({ role, body, origin, versionId, metadata, modified }): PreserveRequest => ({
        source: this.feed.source,
        role,
        body,
        provenance: { origin, versionId, metadata, modified, receivedAt: now() * 1000, collector: COLLECTOR },
      }),
    );
    if (requests.length > 0) await this.#onRecord();
    const preserved =
      requests.length === 0 ? [] : await preserveMany(this.#lake, requests, this.#ledgerBefore);
    // Durable from here on: now cursors may move and queues may forget.
    this.result.arrived += preserved.length;
    for (const { size } of preserved) this.result.bytes += size;
    // Sealed under another name, or soon to be: the evidence of a body has one.
    const copies = preserved.flatMap(({ outcome }, at) => {
      const { origin, metadata } = arrivals[at]!;
      return outcome === 'exists' && this.feed.told !== true && metadata['ETag'] !== undefined
        ? [heldName(origin, metadata['ETag'])]
        : [];
    });
    const windows = marks.flatMap(({ window }) => (window === undefined ? [] : [window]));
    const { range } = this.#options;
    const cursor =
      range === undefined ? marks.findLast((mark) => mark.cursor !== undefined)?.cursor : undefined;
    if (cursor !== undefined || windows.length + copies.length > 0) {
      const before = this.#cursor.progress;
      await this.#cursor.save({
        ...(cursor === undefined ? {} : { cursor }),
        windows: joined([...before.windows, ...windows]),
        copies: [...before.copies, ...copies],
      });
    }
    await pooled(
      marks.flatMap(({ acknowledge }) => (acknowledge === undefined ? [] : [acknowledge])),
      10,
      (acknowledge) => acknowledge(),
    );
    const { arrived: objects, bytes } = this.result;
    this.#options.onProgress?.(this.feed.name, { objects, bytes });
  }

  #fail(error: unknown): void {
    if (!(error instanceof AkashiError)) throw error;
    this.result.error ??= { code: error.code, message: error.message };
  }
}

/** Windows that touch or overlap, as one. */
function joined(windows: readonly FetchedWindow[]): FetchedWindow[] {
  const all: FetchedWindow[] = [];
  for (const window of [...windows].sort((a, b) => a.from - b.from)) {
    const at = all.findIndex(
      ({ account, region, to }) =>
        account === window.account && region === window.region && to >= window.from,
    );
    if (at < 0) all.push(window);
    else all[at] = { ...all[at]!, to: Math.max(all[at]!.to, window.to) };
  }
  return all;
}
