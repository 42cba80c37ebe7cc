/** COLLECT from files: every file under some paths through all stages to a sealed lake. */

import { rm } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { foreignFormat } from '../connectors/foreign.ts';
import { recognise, SAMPLE_BYTES, sampleOf } from '../connectors/recognise.ts';
import { connectorById, connectors } from '../connectors/registry.ts';
import { AkashiError } from '../schema/error.ts';
import { type Head, readHead } from '../tables/head.ts';
import { hashOf, sizeOf } from '../vault/body.ts';
import { drainPending, type PendingItem, type PreserveRequest, preserveMany } from '../vault/evidence.ts';
import { type Lake, withWriter } from '../vault/lake.ts';
import type { Manifest, ManifestProblem } from '../vault/manifest.ts';
import type { Body, FileBody } from '../vault/store.ts';
import { type FactRow, windowRow } from './coverage-facts.ts';
import { COLLECTOR, type Custodian, custodyDraft, type Deed } from './custody.ts';
import { EXPANSION_LIMITS, type ExpansionLimits, expand } from './expand.ts';
import { copyFileBody, type FileContent, isOfChangedFile, readFileBody } from './file-body.ts';
import { settleHolds } from './hold.ts';
import type { JobResult } from './job.ts';
import { JobPool } from './job-pool.ts';
import { openLedger, readVkey } from './ledger.ts';
import { notesWait, putNote } from './notes.ts';
import { type Inbox, inboxOf, sealedEvidence } from './recover.ts';
import { seal } from './seal.ts';
import { type Look, sealedAmong } from './sealed-bodies.ts';
import { NO_FACTS, readSidecar } from './sidecar.ts';
import { checkPaths, type FoundFile, type Unreached, unreached, walk } from './walk.ts';
import { readWindows } from './windows.ts';

/** A body of the inbox that is stored in more is taken up after the others. */
const LARGE_BODY = 64 * 2 ** 20;
/** A job ends when its bodies are about this large after decompression, or this many. */
const JOB_BYTES = 256 * 2 ** 20;
const JOB_BODIES = 2000;
/** Jobs under way, beside the one that is being gathered. */
const JOBS_AT_ONCE = 4;
const JOBS_ELSEWHERE = 16;
/** Preserved together: one round of fsyncs. */
const PRESERVE_BODIES = 128;
const PRESERVE_BYTES = 32 * 2 ** 20;
/** What gzip usually makes of logs, for guessing a job's size. */
const USUAL_RATIO = 12;
/** What an empty file is filed under: no content says more. */
const EMPTY_SOURCE = 'generic.text';
/** A long collect seals this often, so that what is done can be queried and a crash repeats little. */
const SEAL_MILLIS = 60_000;

export interface CollectOptions {
  /** Take every file for this source instead of recognising it. */
  readonly source?: string;
  readonly limits?: ExpansionLimits;
  readonly threads?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly now?: () => number;
  /** Who collects, and for what: on record before the first body is preserved. */
  readonly by?: Custodian;
  /** Sealed with the last of the run, or by themselves where there is nothing else. */
  readonly facts?: readonly FactRow[];
  /** Said of it in the custody record: what is imported. */
  readonly result?: string;
  /** Asked before each body of the inbox is taken up: once it says so, the rest is left there and counted. */
  readonly enough?: () => boolean;
  /** Makes the rows of a batch elsewhere: asked for all but the last one of a run, several at once. */
  readonly runJob?: (manifests: readonly Manifest[]) => Promise<JobResult>;
}

export interface Progress {
  /** Bytes found so far, and of those, done. */
  readonly foundBytes: number;
  readonly doneBytes: number;
  readonly objects: number;
  readonly records: number;
}

export interface SourceCounts {
  objects: number;
  records: number;
  events: number;
  flows: number;
  skipped: number;
  unreadable: number;
  bytes: number;
}

export interface CollectResult extends SourceCounts {
  duplicateObjects: number;
  duplicateEvents: number;
  /** Objects of earlier runs that were preserved and not yet sealed, done now. */
  recoveredObjects: number;
  /** Bodies left in the inbox because there was no time for them. */
  leftObjects: number;
  /** When the body that waited longest of those sealed now was received, microseconds; null when none was. */
  oldestReceipt: number | null;
  seconds: number;
  checkpoint: { size: number; root: string } | null;
  sources: Record<string, SourceCounts>;
  /** Preserved as evidence, but of no kind that holds records for any connector. */
  unrecognised: string[];
  /** Of some of these: what they are and how to have them read. */
  foreign: { path: string; message: string }[];
  /** Could not be read; nothing of them is preserved. */
  unreached: Unreached[];
  /** What lies in the inbox and cannot be understood, or waits for a newer version. */
  inboxProblems: ({ key: string } & ManifestProblem)[];
}

/** Throws PATH_MISSING and SOURCE_UNKNOWN: what can be told before a lake is opened or made. */
export async function checkRequest(paths: readonly string[], { source }: CollectOptions): Promise<void> {
  if (source !== undefined && connectorById(source) === undefined) {
    const known = connectors.map(({ id }) => id).join(', ');
    throw new AkashiError(
      'SOURCE_UNKNOWN',
      `"${source}" is no source. Use one of: ${known}; or leave --source out to recognise each file.`,
    );
  }
  await checkPaths(paths);
}

/**
 * Throws as `checkRequest` does before anything is read, and LAKE_LOCKED when another writer is at work. Bodies that the
 * lake holds are counted as duplicates and left alone.
 */
export async function collect(
  lake: Lake,
  paths: readonly string[],
  options: CollectOptions = {},
): Promise<CollectResult> {
  await checkRequest(paths, options);
  return withWriter(lake, () => new Collection(lake, options).run(paths));
}

/** A running collect: what it has found, what waits in which stage. */
class Collection {
  readonly #lake: Lake;
  readonly #options: CollectOptions;
  readonly #limits: ExpansionLimits;
  readonly #now: () => number;
  /** When this run began, microseconds. */
  readonly #asOf: number;
  readonly #pool: JobPool;
  readonly #result = emptyResult();
  readonly #origin: (path: string) => string;
  #sealed = new Set<string>();
  #look: Look | null = null;
  #found = 0;
  #done = 0;

  #preserving: PreserveRequest[] = [];
  #preservingBytes = 0;
  #job: { manifests: Manifest[]; keys: string[]; bytes: number } = { manifests: [], keys: [], bytes: 0 };
  readonly #running = new Set<Promise<void>>();
  #finished: { results: JobResult[]; keys: string[] } = { results: [], keys: [] };
  #failure: unknown = null;
  #lastSeal = 0;
  #paths: readonly string[] = [];
  #onRecord = false;

  constructor(lake: Lake, options: CollectOptions) {
    this.#lake = lake;
    this.#options = options;
    this.#limits = options.limits ?? EXPANSION_LIMITS;
    this.#now = options.now ?? Date.now;
    this.#asOf = this.#now() * 1000;
    // A path that climbs out of the working folder says nothing to whoever reads it elsewhere.
    this.#origin = (path) => {
      const below = relative(process.cwd(), path);
      return below === '' || below.split(sep)[0] === '..' ? resolve(path) : below;
    };
    this.#pool = new JobPool(
      lake,
      this.#limits,
      (bytes, records) => this.#onBody(bytes, records),
      options.threads,
    );
  }

  async run(paths: readonly string[]): Promise<CollectResult> {
    const started = performance.now();
    this.#lastSeal = started;
    this.#paths = paths;
    try {
      const waiting: PendingItem[] = [];
      for await (const item of drainPending(this.#lake.state)) waiting.push(item);
      // Files may be any that the lake holds; what waits says itself how far to look back.
      if (paths.length > 0) this.#sealed = await sealedEvidence(this.#lake);
      else {
        const manifests = waiting.flatMap((item) => ('manifest' in item ? [item.manifest] : []));
        ({ sealed: this.#sealed, look: this.#look } = await sealedAmong(this.#lake, manifests));
      }
      await this.#drainInbox(inboxOf(waiting, this.#sealed));
      for await (const found of walk(paths, [this.#lake.root])) {
        if ('code' in found) this.#result.unreached.push(found);
        else await this.#take(found);
        if (this.#failure !== null) throw this.#failure;
      }
      await this.#preserve();
      await this.#startJob(true);
      await Promise.all(this.#running);
      if (this.#failure !== null) throw this.#failure;
      await this.#seal([...(this.#options.facts ?? []), ...(await this.#waitingWindows())]);
      await settleHolds(this.#lake, await readVkey(this.#lake.root), this.#now() * 1000);
    } finally {
      await this.#pool.close();
    }
    this.#result.seconds = (performance.now() - started) / 1000;
    return this.#result;
  }

  /** What earlier runs preserved and did not come to seal goes first. */
  async #drainInbox(inbox: Inbox): Promise<void> {
    this.#result.inboxProblems.push(...inbox.problems);
    // Removed at once where nothing has to be sealed first.
    for (const [sha256, keys] of inbox.keysOf) if (this.#sealed.has(sha256)) this.#job.keys.push(...keys);
    for (const [at, manifest] of bySize(inbox.manifests).entries()) {
      if (this.#options.enough?.() === true) {
        this.#result.leftObjects = inbox.manifests.length - at;
        return;
      }
      this.#result.recoveredObjects++;
      this.#sealed.add(manifest.sha256);
      this.#found += manifest.size;
      this.#job.keys.push(...inbox.keysOf.get(manifest.sha256)!);
      await this.#addToJob(manifest);
    }
  }

  /** What was fetched whole, told in the inbox by whoever fetched it. */
  async #waitingWindows(): Promise<FactRow[]> {
    const { windows, keys, problems } = await readWindows(this.#lake.state);
    this.#result.inboxProblems.push(...problems);
    this.#finished.keys.push(...keys);
    return windows.map(windowRow);
  }

  async #take(file: FoundFile): Promise<void> {
    const facts = file.sidecar === null ? NO_FACTS : await readSidecar(file.sidecar.path);
    // What only has the name of a sidecar is a file like any other.
    if (facts === null) await this.#take(file.sidecar!);
    let content: FileContent;
    try {
      content = await readFileBody(file.path);
    } catch (error) {
      this.#result.unreached.push(unreached(file.path, error));
      return;
    }
    const { body, size } = content;
    this.#found += size;
    if (!this.#isNew(body)) return;
    const { source, role } = await this.#recognise(file, content);
    if (role === 'unrecognised') this.#result.unrecognised.push(file.path);
    const provenance = {
      origin: this.#origin(file.path),
      ...(facts ?? NO_FACTS),
      modified: file.modified,
      receivedAt: this.#now() * 1000,
      collector: COLLECTOR,
    };
    this.#preserving.push({ source, role, body, provenance });
    this.#preservingBytes += size;
    if (this.#preserving.length >= PRESERVE_BODIES || this.#preservingBytes >= PRESERVE_BYTES)
      await this.#preserve();
  }

  /** Counts a body that the lake holds already, or has one more to come. */
  #isNew(body: Body): boolean {
    const sha256 = hashOf(body);
    if (this.#sealed.has(sha256)) {
      this.#result.duplicateObjects++;
      this.#onBody(sizeOf(body), 0);
      return false;
    }
    this.#sealed.add(sha256);
    return true;
  }

  async #recognise(
    file: FoundFile,
    { head, size }: FileContent,
  ): Promise<{ source: string; role: Manifest['role'] }> {
    if (this.#options.source !== undefined) return { source: this.#options.source, role: 'records' };
    // An empty log is a log: nothing happened, or nothing was delivered.
    if (size === 0) return { source: EMPTY_SOURCE, role: 'records' };
    const { bytes, complete } = await expandedHead(head, head.length === size, this.#limits);
    const found = recognise(sampleOf(file.path, bytes, complete));
    if (found === null) {
      const message = foreignFormat(bytes);
      if (message !== null) this.#result.foreign.push({ path: file.path, message });
      return { source: 'unrecognised', role: 'unrecognised' };
    }
    return { source: found.connector.id, role: found.recognition.role };
  }

  async #preserve(): Promise<void> {
    const requests = this.#preserving;
    this.#preserving = [];
    this.#preservingBytes = 0;
    if (requests.length === 0) return;
    await this.#putOnRecord();
    await this.#keep(requests.filter(({ body }) => body instanceof Uint8Array));
    for (const request of requests)
      if (!(request.body instanceof Uint8Array)) await this.#keepFile(request, request.body);
  }

  /** One of a file that somebody may go on writing to, or take away. */
  async #keepFile(request: PreserveRequest, { path, sha256 }: FileBody): Promise<void> {
    try {
      await this.#keep([request]);
      return;
    } catch (error) {
      if (!isOfChangedFile(error, path)) throw error;
    }
    // Nothing was stored under that hash.
    this.#sealed.delete(sha256);
    let body: Body;
    try {
      body = await copyFileBody(path, () => this.#lake.scratchPath('.body'));
    } catch (error) {
      if (!isOfChangedFile(error, path)) throw error;
      this.#result.unreached.push(unreached(path, error));
      return;
    }
    if (this.#isNew(body)) await this.#keep([{ ...request, body }]);
    else if (!(body instanceof Uint8Array)) await rm(body.path);
  }

  async #keep(requests: readonly PreserveRequest[]): Promise<void> {
    if (requests.length === 0) return;
    const preserved = await preserveMany(this.#lake, requests);
    // Durable from here: a crash repeats the rest from the inbox and loses nothing.
    for (const [index, { sha256, size, pendingKey }] of preserved.entries()) {
      const { source, role, provenance } = requests[index]!;
      this.#job.keys.push(pendingKey);
      await this.#addToJob({ format: 1, source, role, sha256, size, ...provenance });
    }
  }

  /** Who takes bodies in is on record before the first of them is. */
  async #putOnRecord(): Promise<void> {
    const { by, result } = this.#options;
    if (this.#onRecord || by === undefined) return;
    const { head } = await readHead(this.#lake.state);
    const subject = this.#paths.join('\n');
    const deed: Deed = { action: 'collect', subject, ...(result === undefined ? {} : { result }) };
    await putNote(this.#lake.state, custodyDraft(by, head, deed, this.#now() * 1000));
    this.#onRecord = true;
  }

  async #addToJob(manifest: Manifest): Promise<void> {
    this.#job.manifests.push(manifest);
    this.#job.bytes += manifest.size * (manifest.origin.endsWith('.gz') ? USUAL_RATIO : 1);
    if (this.#job.bytes >= JOB_BYTES || this.#job.manifests.length >= JOB_BODIES) await this.#startJob(false);
  }

  /** `last`: no more will come, so a first and only job can run in this thread. */
  async #startJob(last: boolean): Promise<void> {
    const { manifests, keys } = this.#job;
    this.#job = { manifests: [], keys: [], bytes: 0 };
    if (manifests.length === 0) {
      this.#finished.keys.push(...keys);
      return;
    }
    const alone = last && this.#running.size === 0;
    const { runJob } = this.#options;
    const elsewhere = runJob ?? ((batch: readonly Manifest[]) => this.#pool.run(batch));
    const job: Promise<void> = (alone ? this.#pool.runHere(manifests) : elsewhere(manifests)).then(
      (result) => {
        this.#count(result);
        this.#finished.results.push(result);
        this.#finished.keys.push(...keys);
        this.#running.delete(job);
      },
      (error: unknown) => {
        this.#failure ??= error;
        this.#running.delete(job);
      },
    );
    this.#running.add(job);
    // Two jobs a core wait at most: what is found must not outrun what is done.
    const most = runJob === undefined ? JOBS_AT_ONCE : JOBS_ELSEWHERE;
    while (this.#running.size > most) await Promise.race(this.#running);
    if (!last && performance.now() - this.#lastSeal > SEAL_MILLIS && this.#failure === null)
      await this.#seal();
  }

  async #seal(facts: readonly FactRow[] = []): Promise<void> {
    const { results, keys } = this.#finished;
    this.#finished = { results: [], keys: [] };
    this.#lastSeal = performance.now();
    if (results.length + facts.length === 0 && !(await notesWait(this.#lake.state))) {
      for (const key of keys) await this.#lake.state.remove(key);
      this.#result.checkpoint ??= checkpointOf((await readHead(this.#lake.state)).head);
      return;
    }
    const sealed = await seal(this.#lake, await openLedger(this.#lake), results, keys, {
      asOf: this.#asOf,
      at: this.#now() * 1000,
      facts,
      look: this.#look,
    });
    this.#result.checkpoint = sealed.checkpoint;
    this.#result.duplicateEvents += sealed.duplicateEvents + sealed.duplicateFlows;
  }

  #count(result: JobResult): void {
    for (const row of result.evidence) {
      const received = row.received_at ?? Number.POSITIVE_INFINITY;
      if (received < (this.#result.oldestReceipt ?? Number.POSITIVE_INFINITY))
        this.#result.oldestReceipt = received;
      const source = row.source ?? 'unrecognised';
      this.#result.sources[source] ??= emptyCounts();
      for (const counts of [this.#result, this.#result.sources[source]]) {
        counts.objects++;
        counts.records += row.records ?? 0;
        counts.events += row.events ?? 0;
        counts.flows += row.flows ?? 0;
        counts.skipped += row.skipped ?? 0;
        counts.unreadable += row.unreadable ?? 0;
        counts.bytes += row.size ?? 0;
      }
    }
  }

  #progressRecords = 0;
  #progressObjects = 0;
  #onBody(bytes: number, records: number): void {
    this.#done += bytes;
    this.#progressRecords += records;
    this.#progressObjects++;
    this.#options.onProgress?.({
      foundBytes: this.#found,
      doneBytes: this.#done,
      objects: this.#progressObjects,
      records: this.#progressRecords,
    });
  }
}

/** Large ones last: what is quickly done is sealed, whatever becomes of the rest. Among others in the order of receipt. */
function bySize(manifests: readonly Manifest[]): Manifest[] {
  const isLarge = ({ size }: Manifest): number => (size > LARGE_BODY ? 1 : 0);
  return [...manifests].sort((a, b) => isLarge(a) - isLarge(b) || a.receivedAt - b.receivedAt);
}

/** Size and root as the head's checkpoint states them; its signature is the verifier's business. */
function checkpointOf({ checkpoint }: Head): CollectResult['checkpoint'] {
  if (checkpoint === null) return null;
  const [, size = '', root = ''] = checkpoint.split('\n');
  return { size: Number(size), root: Buffer.from(root, 'base64').toString('hex') };
}

/** The first SAMPLE_BYTES after decompression. A head cut from a larger file ends early by nature: no problem here. */
export async function expandedHead(
  head: Uint8Array,
  whole: boolean,
  limits: ExpansionLimits,
): Promise<{ bytes: Uint8Array; complete: boolean }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of expand(
    () => streamed(head),
    limits,
    () => {},
    SAMPLE_BYTES,
  )) {
    parts.push(chunk);
    length += chunk.length;
    if (length > SAMPLE_BYTES) break;
  }
  return { bytes: Buffer.concat(parts).subarray(0, SAMPLE_BYTES), complete: whole && length <= SAMPLE_BYTES };
}

/** In small pieces, so that expanding the head of a body stops soon after the sample is full. */
async function* streamed(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SAMPLE_BYTES) yield bytes.subarray(at, at + SAMPLE_BYTES);
}

const emptyCounts = (): SourceCounts => ({
  objects: 0,
  records: 0,
  events: 0,
  flows: 0,
  skipped: 0,
  unreadable: 0,
  bytes: 0,
});

const emptyResult = (): CollectResult => ({
  ...emptyCounts(),
  duplicateObjects: 0,
  duplicateEvents: 0,
  recoveredObjects: 0,
  leftObjects: 0,
  oldestReceipt: null,
  seconds: 0,
  checkpoint: null,
  sources: {},
  unrecognised: [],
  foreign: [],
  unreached: [],
  inboxProblems: [],
});
