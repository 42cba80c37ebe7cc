/**
 * Objects that a service files under one prefix a day. Every pull lists the days that may still grow, whole: an object
 * that comes late, with a name before others that are held, is found like any other.
 */

import type { ObjectDelivery } from '../contract.ts';
import type { Feed, PullRequest, Step } from './feed.ts';
import type { ListedObject, ObjectSource } from './object-source.ts';

const DAY_MILLIS = 86_400_000;
const LISTS_AT_ONCE = 8;
const FETCHES_AT_ONCE = 12;

export interface DayLayout {
  open(request: Pick<PullRequest<unknown>, 'signal' | 'spool'>): ObjectSource;
  readonly role: ObjectDelivery['role'];
  /** Prefixes that hold days: one for each account, region and kind. */
  streams(source: ObjectSource): Promise<readonly string[]>;
  /** What comes between a stream's prefix and the objects of a day, `2026-03-01`. */
  day(stream: string, day: string): string;
  readonly lookbackDays: number;
  readonly firstDays: number;
}

export interface DayCursor {
  /** The first day that the next pull lists. */
  readonly from: string;
}

const dayOf = (millis: number): string => new Date(millis).toISOString().slice(0, 10);

export function bucketDays(layout: DayLayout): Feed<DayCursor> {
  return {
    async *steps(request) {
      const { after, range, now } = request;
      const source = layout.open(request);
      try {
        const last = range === null ? now : Math.min(range.until, now);
        const first = range?.since ?? Date.parse(after?.from ?? dayOf(now - layout.firstDays * DAY_MILLIS));
        // Nothing that may still grow is passed by.
        const settled = now - layout.lookbackDays * DAY_MILLIS;
        const streams = await layout.streams(source);
        let whole = true;
        for (let at = Date.parse(dayOf(first)); at <= last; at += DAY_MILLIS) {
          for await (const step of stepsOfDay(layout, source, streams, dayOf(at), request)) {
            if (step.kind === 'missed') whole = false;
            yield step;
          }
          // What was missed is listed again next time.
          if (whole && range === null)
            yield { kind: 'mark', cursor: { from: dayOf(Math.min(at + DAY_MILLIS, settled)) } };
          else yield { kind: 'mark' };
        }
      } finally {
        source.close();
      }
    },
  };
}

async function* stepsOfDay(
  { day: prefixOf, role }: DayLayout,
  source: ObjectSource,
  streams: readonly string[],
  day: string,
  { heldSince }: Pick<PullRequest<DayCursor>, 'heldSince'>,
): AsyncGenerator<Step<DayCursor>> {
  // Nothing of a day is there before it begins.
  const held = await heldSince(Date.parse(day));
  const listings = eachOf(streams, LISTS_AT_ONCE, async (stream) => {
    const found: ListedObject[] = [];
    for await (const object of source.objects(prefixOf(stream, day))) found.push(object);
    return found;
  });
  for await (const listed of listings) {
    const wanted: (ListedObject & { role: 'records' | 'digest' })[] = [];
    for (const object of listed) {
      const is = role(object.key);
      if (is === 'ignore') yield { kind: 'passed', reason: 'not_a_log' };
      else if (held(source.origin(object.key), object.etag)) yield { kind: 'passed', reason: 'held' };
      else wanted.push({ ...object, role: is });
    }
    yield* eachOf(wanted, FETCHES_AT_ONCE, (object) => source.fetch(object.key, object.role));
  }
}

/** Results in the order of the items, at most `limit` under way. The first failure is thrown once it is its turn. */
export async function* eachOf<T, R>(
  items: readonly T[],
  limit: number,
  task: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  let next = 0;
  try {
    while (next < items.length || running.length > 0) {
      while (next < items.length && running.length < limit) {
        const one = task(items[next++]!);
        // Until it is awaited its failure is nobody's.
        one.catch(() => {});
        running.push(one);
      }
      yield await running.shift()!;
    }
  } finally {
    // Nothing goes on behind the caller's back.
    await Promise.allSettled(running);
  }
}
