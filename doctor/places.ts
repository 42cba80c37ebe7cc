/**
 * Whether each configured place can be reached and read: by the code that pulls, for the last minutes, keeping nothing. A
 * queue is only asked how it is, since whoever takes a message hides it from the function that is to have it.
 */

import { createHash } from 'node:crypto';
import type { PullRequest, Step } from '../connectors/delivery/feed.ts';
import { AkashiError } from '../schema/error.ts';
import { type Examination, type Finding, missing, ok, reasonOf, unknown } from './finding.ts';
import { lookAtQueue } from './queue.ts';
import { remedyFor } from './remedies.ts';
import type { Place } from './subject.ts';
import { within } from './time-limit.ts';

const AREA = 'places';
/** What is asked for: the present hour of objects, the last minutes of an API, milliseconds. */
const RECENT_MILLIS = 5 * 60_000;
/** Bodies read at most. */
const MOST_READ = 8;
/** Objects that are fetched; of the others the listing is enough. */
const MOST_FETCHED = 1;

export const placesExamination = (places: readonly Place[], now: number): Examination => ({
  area: AREA,
  look: async () => {
    const each = await Promise.all(places.map((place) => lookAtPlace(place, now)));
    return each.flat();
  },
});

/** `now` in milliseconds. Never throws. */
export async function lookAtPlace(place: Place, now: number): Promise<readonly Finding[]> {
  const { feed, entry } = place;
  const title = `${feed.name} (${feed.source}, ${feed.delivery})`;
  try {
    if (feed.delivery === 'queue') return await within((signal) => lookAtQueue(AREA, title, entry, signal));
    const { read, missed } = await within(async (signal) => readLittle(place, now, signal));
    if (missed !== null)
      return [
        missing(AREA, `${title}: reached, and what is there cannot be read: ${missed}`, remedyFor(place)),
      ];
    return [ok(AREA, `${title}: ${read > 0 ? 'reached and read' : 'reached; nothing new in it just now'}`)];
  } catch (error) {
    if (!(error instanceof AkashiError))
      return [
        unknown(
          AREA,
          `${title}: ${reasonOf(error)}`,
          'Check the network and the names in the configuration, then look again.',
        ),
      ];
    const what = `${title}: ${error.message} [${error.code}]`;
    if (error.code === 'PULL_CREDENTIALS')
      return [missing(AREA, what, 'See what is missing under credentials.')];
    if (error.code === 'PULL_PLACE_MISSING')
      return [missing(AREA, what, 'Correct its name or region in the configuration, or make it.')];
    return [
      error.code === 'PULL_UNAVAILABLE' || error.code === 'PULL_ABORTED'
        ? unknown(AREA, what, 'Look again later.')
        : missing(AREA, what, remedyFor(place)),
    ];
  }
}

async function readLittle(
  { feed }: Place,
  now: number,
  signal: AbortSignal,
): Promise<{ read: number; missed: string | null }> {
  let fetches = 0;
  const request: PullRequest<unknown> = {
    after: null,
    range: { since: now - RECENT_MILLIS, until: now },
    now,
    signal,
    heldSince: async () => () => fetches++ >= MOST_FETCHED,
    spool: discard,
  };
  let read = 0;
  for await (const step of (await feed.open()).steps(request) as AsyncIterable<Step<unknown>>) {
    if (step.kind === 'missed') return { read, missed: step.problem };
    if (step.kind === 'arrival' && ++read >= MOST_READ) break;
    if (step.kind === 'mark') break;
  }
  return { read, missed: null };
}

/** Reads a body to its end and keeps nothing of it. */
async function discard(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return new Uint8Array();
}
