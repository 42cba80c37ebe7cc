/**
 * Objects of Cloud Storage, over its JSON interface.
 * https://cloud.google.com/storage/docs/json_api/v1/objects
 */

import { AkashiError } from '../../schema/error.ts';
import { ETAG } from './etag.ts';
import type { PullRequest } from './feed.ts';
import { googleCredentials, RENEW_GOOGLE } from './google.ts';
import { askHttp, exactly, type HttpAnswer, HttpRefusal, httpError, wholeBody } from './http.ts';
import type { ObjectSource } from './object-source.ts';

const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_only';
const GOOGLE = 'https://storage.googleapis.com';

interface Listing {
  readonly items?: readonly { readonly name: string; readonly generation: string; readonly size: string }[];
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

export function gcpStorage(
  { bucket, endpoint = GOOGLE }: { readonly bucket: string; readonly endpoint?: string | undefined },
  { signal, spool }: Pick<PullRequest<unknown>, 'signal' | 'spool'>,
): ObjectSource {
  const authorize = googleCredentials(SCOPE);
  const base = `${endpoint}/storage/v1/b/${encodeURIComponent(bucket)}/o`;
  const origin = (key: string) => `gs://${bucket}/${key}`;

  async function* pages(prefix: string, delimiter: string | null): AsyncGenerator<Listing> {
    let token: string | undefined;
    do {
      const query = new URLSearchParams({
        prefix,
        ...(delimiter === null ? {} : { delimiter }),
        ...(token === undefined ? {} : { pageToken: token }),
      });
      const page = await askHttp(
        { method: 'GET', url: `${base}?${query}` },
        authorize,
        signal,
        async (answer) => listingOf(await wholeBody(answer)),
      ).catch((error: unknown) => {
        throw httpError(error, `listing ${origin(prefix)}`, 'storage.objects.list', RENEW_GOOGLE);
      });
      yield page;
      token = page.nextPageToken;
    } while (token !== undefined && token !== '');
  }

  return {
    origin,
    close() {},
    async *objects(prefix) {
      for await (const { items = [] } of pages(prefix, null))
        for (const { name, generation, size } of items)
          yield { key: name, etag: generation, size: Number(size) };
    },
    async folders(prefix) {
      const names: string[] = [];
      for await (const { prefixes = [] } of pages(prefix, '/'))
        for (const name of prefixes) names.push(name.slice(prefix.length));
      return names;
    },
    async fetch(key, role) {
      const read = async (answer: HttpAnswer) => {
        const body = await spool(exactly(answer));
        const generation = headerOf(answer, 'x-goog-generation');
        return {
          kind: 'arrival' as const,
          role,
          body,
          origin: origin(key),
          versionId: generation,
          metadata: { ...(generation === null ? {} : { [ETAG]: generation }) },
          modified: timeOf(headerOf(answer, 'last-modified')),
        };
      };
      const url = `${base}/${encodeURIComponent(key)}?alt=media`;
      // Stored gzipped, an object is unpacked on the way unless gzip is what was asked for.
      const request = { method: 'GET', url, headers: { 'accept-encoding': 'gzip' } } as const;
      try {
        return await askHttp(request, authorize, signal, read);
      } catch (error) {
        if (error instanceof HttpRefusal && error.status === 404)
          return {
            kind: 'missed',
            origin: origin(key),
            code: 'PULL_OBJECT_GONE',
            problem: `it is gone from ${bucket}`,
          };
        const failure = httpError(error, `reading ${origin(key)}`, 'storage.objects.get', RENEW_GOOGLE);
        if (failure.code === 'PULL_DENIED' || failure.code === 'PULL_FAILED')
          return { kind: 'missed', origin: origin(key), code: failure.code, problem: failure.message };
        throw failure;
      }
    },
  };
}

const headerOf = ({ headers }: HttpAnswer, name: string): string | null => {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
};

const timeOf = (header: string | null): number | null => {
  const millis = Date.parse(header ?? '');
  return Number.isNaN(millis) ? null : millis * 1000;
};

function listingOf(bytes: Uint8Array): Listing {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Listing;
  } catch (cause) {
    throw new AkashiError('PULL_ANSWER', 'Cloud Storage answered a listing with something that is no JSON.', {
      cause,
    });
  }
}
