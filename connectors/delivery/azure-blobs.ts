/**
 * Containers that diagnostic settings and flow logs export to, a blob an hour that grows meanwhile:
 * `resourceId=/…/y=2026/m=03/d=10/h=11/m=00/[macAddress=…/]PT1H.json`.
 * https://learn.microsoft.com/en-us/azure/azure-monitor/platform/resource-logs-blob-format
 */

import { readFile } from 'node:fs/promises';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import type { ObjectDelivery } from '../contract.ts';
import { azureCredential, azureRefusal, judgeAzure, RENEW_AZURE } from './azure.ts';
import { type BLOB_SETTINGS, blobDays } from './azure-settings.ts';
import { ETAG } from './etag.ts';
import type { Arrival, Feed, PullRequest, Step } from './feed.ts';
import { close, cut, type Grown, keptOf, UNKNOWN } from './growing.ts';
import { HttpRefusal, httpError } from './http.ts';
import { askAgain } from './retry.ts';
import type { SettingsOf } from './settings.ts';

const DAY_MILLIS = 86_400_000;
const HOUR_MILLIS = 3_600_000;
/** Blobs are read this much at a time. */
const PIECE_BYTES = 8 * 2 ** 20;
const MARK_BLOBS = 100;
const YEAR = /^y=\d{4}\/$/;
const HOUR = /\/y=(\d{4})\/m=(\d\d)\/d=(\d\d)\/h=(\d\d)\//;

export interface BlobCursor {
  /** The first day that the next pull lists. */
  readonly from: string;
  /** What has been kept of each blob of those days, by container and name. */
  readonly blobs: Readonly<Record<string, Grown>>;
}

type Settings = SettingsOf<typeof BLOB_SETTINGS>;

export function azureBlobs(
  settings: Settings,
  containers: readonly string[],
  role: ObjectDelivery['role'],
): Feed<BlobCursor> {
  const { lookbackDays, firstDays, closeAfterHours } = blobDays(settings);
  return {
    async *steps(request) {
      const { after, range, now } = request;
      const service = new BlobServiceClient(settings.url, azureCredential(), {
        retryOptions: { maxTries: 1 },
        ...(settings.certificates === undefined
          ? {}
          : { tlsOptions: { ca: await readFile(settings.certificates, 'utf8') } }),
      });
      const blobs: Record<string, Grown> = range === null ? { ...after?.blobs } : {};
      const first = range?.since ?? Date.parse(after?.from ?? dayOf(now - firstDays * DAY_MILLIS));
      const last = range === null ? now : Math.min(range.until, now);
      const streams: { reader: Reader; prefix: string }[] = [];
      let taken = 0;
      for (const name of settings.containers ?? containers) {
        const reader = new Reader(service.getContainerClient(name), request);
        for await (const prefix of reader.streams('')) streams.push({ reader, prefix });
      }
      for (let at = Date.parse(dayOf(first)); at <= last; at += DAY_MILLIS) {
        const [year, month, day] = dayOf(at).split('-');
        for (const { reader, prefix } of streams) {
          for await (const found of reader.blobs(`${prefix}y=${year}/m=${month}/d=${day}/`)) {
            if (role(`${reader.container}/${found.name}`) === 'ignore') {
              yield { kind: 'passed', reason: 'not_a_log' };
              continue;
            }
            const name = `${reader.container}/${found.name}`;
            const ended = now - hourOf(found.name) > (closeAfterHours + 1) * HOUR_MILLIS;
            for await (const step of reader.take(found, blobs[name] ?? UNKNOWN, ended)) {
              if ('grown' in step) blobs[name] = step.grown;
              else yield step;
            }
            // Now and then, so that a pull that is stopped does not keep the same bytes twice.
            if (range === null && ++taken % MARK_BLOBS === 0)
              yield { kind: 'mark', cursor: { from: dayOf(at), blobs: { ...blobs } } };
          }
        }
        if (range !== null) continue;
        // Of days that are not listed again nothing needs to be known.
        const from = dayOf(Math.min(at + DAY_MILLIS, now - lookbackDays * DAY_MILLIS));
        for (const name of Object.keys(blobs)) if (dayOf(hourOf(name)) < from) delete blobs[name];
        yield { kind: 'mark', cursor: { from, blobs: { ...blobs } } };
      }
    },
  };
}

const dayOf = (millis: number): string => new Date(millis).toISOString().slice(0, 10);

/** When a blob's hour began, milliseconds; the present where its name does not say. */
function hourOf(name: string): number {
  const [, year, month, day, hour] = HOUR.exec(`/${name}`) ?? [];
  const millis = Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`);
  return Number.isNaN(millis) ? Date.now() : millis;
}

interface Found {
  readonly name: string;
  readonly etag: string;
  readonly size: number;
  readonly modified: Date;
}

class Reader {
  readonly container: string;
  readonly #client: ContainerClient;
  readonly #signal: AbortSignal;

  constructor(client: ContainerClient, { signal }: PullRequest<BlobCursor>) {
    this.container = client.containerName;
    this.#client = client;
    this.#signal = signal;
  }

  /** Prefixes below which years lie, however deep; none where the container is not there. */
  async *streams(prefix: string): AsyncGenerator<string> {
    const folders: string[] = [];
    let token: string | undefined;
    do {
      const pages = this.#client.listBlobsByHierarchy('/', { prefix, abortSignal: this.#signal });
      const { value: page } = await this.#ask(`listing ${this.#client.url}/${prefix}`, () =>
        pages
          .byPage({ maxPageSize: 1000, ...(token === undefined ? {} : { continuationToken: token }) })
          .next(),
      );
      for (const { name } of page?.segment.blobPrefixes ?? []) folders.push(name);
      token = page?.continuationToken === '' ? undefined : page?.continuationToken;
    } while (token !== undefined);
    if (folders.some((name) => YEAR.test(name.slice(prefix.length)))) yield prefix;
    for (const name of folders) if (!YEAR.test(name.slice(prefix.length))) yield* this.streams(name);
  }

  async *blobs(prefix: string): AsyncGenerator<Found> {
    let token: string | undefined;
    do {
      const pages = this.#client.listBlobsFlat({ prefix, abortSignal: this.#signal });
      const { value: page } = await this.#ask(`listing ${this.#client.url}/${prefix}`, () =>
        pages
          .byPage({ maxPageSize: 1000, ...(token === undefined ? {} : { continuationToken: token }) })
          .next(),
      );
      for (const { name, properties } of page?.segment.blobItems ?? [])
        yield {
          name,
          etag: properties.etag,
          size: properties.contentLength ?? 0,
          modified: properties.lastModified,
        };
      token = page?.continuationToken === '' ? undefined : page?.continuationToken;
    } while (token !== undefined);
  }

  /** Keeps what is new of a blob, and closes it once it has ended; says what is kept of it then. */
  async *take(
    found: Found,
    before: Grown,
    ended: boolean,
  ): AsyncGenerator<Step<BlobCursor> | { readonly grown: Grown }> {
    if (found.etag === before.etag && (before.closed !== null || !ended)) {
      yield { kind: 'passed', reason: 'held' };
      return;
    }
    const origin = this.#client.getBlobClient(found.name).url;
    try {
      let grown = before;
      // Piece by piece, so that memory does not depend on the blob; a document is cut only at its end.
      for (let read = keptOf(grown), most = PIECE_BYTES; read < found.size; ) {
        const bytes = await this.#read(found, read, Math.min(found.size, read + most));
        const reaches = read + bytes.length >= found.size;
        const taken = cut(grown, bytes, found.etag, ended && reaches);
        if (taken.segment === null && !reaches) {
          most *= 4;
          continue;
        }
        const start = keptOf(grown) || Buffer.byteLength(taken.grown.head);
        grown = taken.grown;
        if (taken.segment !== null) yield segmentOf(found, origin, start, grown, taken.segment);
        if (reaches) break;
        read = keptOf(grown);
      }
      grown = { ...grown, etag: found.etag, closed: null };
      yield { grown };
      if (ended) {
        const closing = await close(grown, this.#pieces(found));
        yield {
          kind: 'arrival',
          role: 'digest',
          body: Buffer.from(
            `${JSON.stringify({ blob: origin, etag: found.etag, ...closing, head: grown.head, segments: grown.segments })}\n`,
          ),
          origin: `${origin}#closing`,
          versionId: null,
          metadata: { [ETAG]: found.etag },
          modified: found.modified.getTime() * 1000,
        };
        if (!closing.whole)
          yield {
            kind: 'missed',
            origin,
            code: 'PULL_BLOB_CHANGED',
            problem:
              'its segments are not the blob: bytes that were kept have changed since; it is kept whole as well',
          };
        if (!closing.whole) yield await this.#whole(found, origin);
        yield { grown: { ...grown, closed: closing.size } };
      }
    } catch (error) {
      const refusal = azureRefusal(error);
      if (refusal instanceof HttpRefusal && (refusal.status === 412 || refusal.status === 404)) {
        // Written to while it was read, or gone: the next pull sees what became of it.
        yield { kind: 'passed', reason: 'held' };
        return;
      }
      throw error;
    }
  }

  async #whole(found: Found, origin: string): Promise<Arrival> {
    const parts: Uint8Array[] = [];
    for await (const piece of this.#pieces(found)) parts.push(piece);
    return {
      kind: 'arrival',
      role: 'records',
      body: Buffer.concat(parts),
      origin,
      versionId: null,
      metadata: { [ETAG]: found.etag },
      modified: found.modified.getTime() * 1000,
    };
  }

  async *#pieces(found: Found): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < found.size; at += PIECE_BYTES)
      yield await this.#read(found, at, Math.min(found.size, at + PIECE_BYTES));
  }

  /** Bytes of the blob as it was listed; refused with 412 when it has been written to since. */
  #read({ name, etag }: Found, start: number, end: number): Promise<Uint8Array> {
    return this.#ask(`reading ${this.#client.url}/${name}`, async () => {
      const answer = await this.#client
        .getBlobClient(name)
        .download(start, end - start, { conditions: { ifMatch: etag }, abortSignal: this.#signal });
      const parts: Buffer[] = [];
      for await (const part of answer.readableStreamBody ?? []) parts.push(Buffer.from(part));
      const bytes = Buffer.concat(parts);
      if (bytes.length !== end - start)
        throw new Error(`the body ended early, after ${bytes.length} of ${end - start} bytes`);
      return bytes;
    });
  }

  async #ask<T>(what: string, request: () => Promise<T>): Promise<T> {
    return askAgain(request, judgeAzure, this.#signal).catch((error: unknown) => {
      const refusal = azureRefusal(error);
      if (
        refusal instanceof HttpRefusal &&
        (refusal.status === 412 || refusal.status === 404) &&
        what.startsWith('reading')
      )
        throw error;
      throw httpError(refusal, what, 'Storage Blob Data Reader on the storage account', RENEW_AZURE);
    });
  }
}

function segmentOf(
  found: Found,
  origin: string,
  start: number,
  { head, segments }: Grown,
  body: Uint8Array,
): Arrival {
  const isFirst = segments.length === 1;
  return {
    kind: 'arrival',
    role: 'records',
    body,
    origin: `${origin}?bytes=${start}-${start + body.length}`,
    versionId: null,
    metadata: { [ETAG]: found.etag, ...(isFirst && head !== '' ? { Head: head } : {}) },
    modified: found.modified.getTime() * 1000,
  };
}
