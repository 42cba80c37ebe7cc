/** Parts of files behind links: each is what its hash says, or it is not used. */

import { hash } from 'node:crypto';
import { AkashiError } from '../../schema/error.ts';
import { pooled } from '../../vault/pool.ts';
import type { Part } from './sidecar.ts';
import type { FilePlan } from './sparse-file.ts';

/** Bytes `start` to `end` (exclusive) of what a link leads to. */
export type FetchRange = (link: string, start: number, end: number) => Promise<Uint8Array>;

const REQUESTS = 8;
const ATTEMPTS = 4;
const FIRST_WAIT_MILLIS = 100;

/** Throws DATA_ALTERED. */
export async function fetchParts(
  { key, ranges }: FilePlan,
  link: string,
  fetchRange: FetchRange,
  take: (part: Part, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  await pooled(ranges, REQUESTS, async ({ start, end, parts }) => {
    const bytes = await fetchRange(link, start, end);
    for (const part of parts) {
      const at = part.offset - start;
      const piece = bytes.subarray(at, at + part.length);
      if (piece.length !== part.length || hash('sha256', piece, 'hex') !== part.sha256)
        throw new AkashiError(
          'DATA_ALTERED',
          `"${key}" cannot be read: it holds other bytes than were sealed. Run \`akashi verify --deep\` to see everything ` +
            'that was changed.',
        );
      await take(part, piece);
    }
  });
}

/** Over HTTP, asked again where the answer says no more than that it did not work. Throws STORE_UNAVAILABLE, STORE_DENIED. */
export const fetchOver =
  (signal: AbortSignal): FetchRange =>
  async (link, start, end) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(link, start, end, signal);
      if (answer instanceof Uint8Array) return answer;
      signal.throwIfAborted();
      if (answer.final || attempt === ATTEMPTS)
        throw new AkashiError(
          answer.final ? 'STORE_DENIED' : 'STORE_UNAVAILABLE',
          `A part of a data file could not be fetched: ${answer.problem}. Ask again; links work for a few minutes only.`,
        );
      await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MILLIS * 2 ** (attempt - 1)));
    }
  };

async function ask(
  link: string,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<Uint8Array | { readonly final: boolean; readonly problem: string }> {
  try {
    const answer = await fetch(link, {
      headers: { range: `bytes=${start}-${end - 1}` },
      signal,
      redirect: 'error',
    });
    if (answer.status === 206) {
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (bytes.length === end - start) return bytes;
      return { final: false, problem: `${bytes.length} of ${end - start} bytes came` };
    }
    await answer.body?.cancel();
    const isPassing = answer.status === 429 || answer.status >= 500;
    return { final: !isPassing, problem: `the store answered ${answer.status}` };
  } catch (error) {
    return { final: false, problem: (error as Error).message };
  }
}
