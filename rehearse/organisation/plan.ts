/** What a busy organisation logs within an hour, as its clouds deliver it: when, where, and every id that must be found. */

import type { Row as WorkspaceRow } from '../../test/connectors/delivery/azure-server.ts';
import type { LogEntry } from '../../test/connectors/delivery/google-server.ts';

/** One thing that a cloud does at `at`, seconds from the start of the rehearsal. */
export type Delivery = { readonly at: number } & (
  | {
      readonly kind: 'object';
      readonly bucket: string;
      readonly key: string;
      readonly body: Buffer;
      readonly metadata?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'lookup'; readonly events: readonly TrailEvent[] }
  | { readonly kind: 'blob'; readonly container: string; readonly name: string; readonly text: string }
  | { readonly kind: 'rows'; readonly table: string; readonly cells: readonly WorkspaceRow['cells'][] }
  | { readonly kind: 'entries'; readonly resource: string; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'sink'; readonly bucket: string; readonly key: string; readonly body: Buffer }
);

export interface TrailEvent {
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventName: string;
  readonly eventSource: string;
}

/** An hour that must not count as complete. Start in milliseconds. */
export interface InjectedGap {
  readonly source: string;
  readonly account: string;
  readonly hour: number;
  readonly verdict: 'gap' | 'silent';
  readonly how: string;
}

export interface Plan {
  readonly deliveries: Delivery[];
  /** For each table and source the ids that must be there, each once. */
  readonly expected: { readonly events: Map<string, Set<string>>; readonly flows: Map<string, Set<string>> };
  readonly gaps: InjectedGap[];
  /** Public keys of the trail that has digests, as `ListPublicKeys` gives them. */
  readonly trailKeys: object;
  /** What an operator fetches by hand meanwhile. */
  readonly backfills: readonly Range[];
}

/** Milliseconds; `until` is exclusive. */
export interface Range {
  readonly since: number;
  readonly until: number;
}

/** How the hour is told: `seconds` of the clock on the wall, ending now in the clock of events. */
export interface Hour {
  readonly seed: number;
  /** Records a second of the wall's clock, all sources together. */
  readonly rate: number;
  readonly seconds: number;
  /** When the rehearsal begins, milliseconds. */
  readonly startsAt: number;
  /** Whether three hours of it are wrong on purpose. */
  readonly hasGaps: boolean;
}

export const HOUR_MILLIS = 3_600_000;

/** The instant in the clock of events at a second of the wall's, milliseconds: it runs from an hour before the start. */
export const eventTime = ({ startsAt, seconds }: Hour, at: number): number =>
  Math.round(startsAt - HOUR_MILLIS + (at / seconds) * HOUR_MILLIS);

/** No earlier than APIs are asked for again, an hour before the last time, with minutes to spare: later still is not promised. */
export const inOverlap = ({ startsAt }: Hour, at: number, millis: number): number =>
  Math.max(millis, startsAt + at * 1000 - HOUR_MILLIS + 300_000);

export const BUCKETS = { trail: 'example-trail', flows: 'example-flows', sink: 'example-sink' } as const;
export const LOOKUP_ACCOUNT = '111122223333';
/** Its trail has digests and its network falls silent for an hour. */
export const WATCHED_ACCOUNT = '123456789012';
export const TENANT = '11111111-2222-3333-4444-555555555555';
export const WORKSPACE = '66666666-7777-8888-9999-000000000000';
export const PROJECT = 'projects/example-project';
export const ACTIVITY_CONTAINER = 'insights-activity-logs';

/** `yyyy/mm/dd`. */
export const dayPath = (millis: number): string =>
  new Date(millis).toISOString().slice(0, 10).replaceAll('-', '/');

/** `yyyymmddThhmmZ`, as AWS names files. */
export const stamp = (millis: number): string =>
  `${new Date(millis).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}Z`;

/** Adds an id; throws for one that was given before: the generator promises that they differ. */
export function expectId(ids: Map<string, Set<string>>, source: string, id: string): void {
  const known = ids.get(source) ?? new Set();
  if (known.has(id)) throw new Error(`the id ${id} of ${source} was generated twice`);
  ids.set(source, known.add(id));
}
