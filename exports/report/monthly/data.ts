/** What a monthly report is made of: the answers to its questions as plain rows, before anything is drawn. */

import type { PeriodCoverage } from '../coverage.ts';
import type { Period } from '../period.ts';
import { type Earlier, periodName } from './words.ts';

/** One day of one source, from `activity-by-day`. */
export interface ActivityRow {
  /** `2026-09-01`. */
  readonly day: string;
  readonly source: string;
  readonly events: number;
  readonly failures: number;
  readonly changes: number;
  readonly signIns: number;
  readonly failedSignIns: number;
}

/** From `busiest-actors`. */
export interface ActorRow {
  readonly name: string;
  readonly type: string;
  readonly events: number;
  readonly changes: number;
  readonly failures: number;
  readonly eventsBefore: number;
}

/** All that were active, not only the busiest. */
export interface ActorCounts {
  readonly actors: number;
  readonly actorsBefore: number;
  /** Active now and not in the time before. */
  readonly newcomers: number;
}

/** From `commonest-failures`. */
export interface FailureRow {
  readonly action: string;
  readonly errorCode: string;
  readonly source: string;
  readonly failures: number;
  readonly actors: number;
  readonly failuresBefore: number;
}

/** From `changes-by-domain`. */
export interface DomainRow {
  readonly domain: string;
  readonly changes: number;
  readonly failures: number;
  readonly actors: number;
  readonly changesBefore: number;
}

/** From `traffic-by-day`. */
export interface TrafficRow {
  readonly day: string;
  readonly source: string;
  readonly flowRecords: number;
  readonly sentBytes: number;
  readonly rejected: number;
}

/** From `bulk-transfers`. */
export interface TransferRow {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly sentBytes: number;
  readonly flowRecords: number;
  readonly firstSeen: string;
}

/** A saved question whose answers somebody should look at, with how many there are. */
export interface WatchRow {
  readonly question: string;
  readonly title: string;
  readonly count: number;
  readonly countBefore: number;
  /** Where the count comes from. */
  readonly origin: string;
}

/** From `growth-by-day`: what was received, by the day it came. */
export interface GrowthRow {
  readonly day: string;
  readonly bodies: number;
  readonly bytes: number;
  readonly records: number;
}

/** From `archive-size`: all that is kept, whenever it came. */
export interface ArchiveRow {
  readonly source: string;
  readonly role: string;
  readonly bodies: number;
  readonly bytes: number;
  readonly expandedBytes: number;
  readonly records: number;
}

export type OriginName =
  | 'activity'
  | 'actors'
  | 'failures'
  | 'domains'
  | 'traffic'
  | 'transfers'
  | 'transfersBefore'
  | 'coverage'
  | 'coverageBefore'
  | 'archive'
  | 'growth';

export interface MonthlyData {
  readonly period: Period;
  readonly before: Period;
  /** RFC 3339: nothing later than this is in the lake as the report saw it. */
  readonly instant: string;
  readonly activity: readonly ActivityRow[];
  readonly actors: readonly ActorRow[];
  readonly actorCounts: ActorCounts;
  readonly failures: readonly FailureRow[];
  readonly domains: readonly DomainRow[];
  readonly watch: readonly WatchRow[];
  readonly traffic: readonly TrafficRow[];
  readonly transfers: readonly TransferRow[];
  /** There are more transfers than `transfers` lists. */
  readonly transfersCut: boolean;
  readonly transfersBefore: number;
  /** What a transfer is large from, in bytes. */
  readonly largeFrom: number;
  readonly coverage: PeriodCoverage;
  readonly coverageBefore: PeriodCoverage;
  readonly archive: readonly ArchiveRow[];
  readonly growth: readonly GrowthRow[];
  /** Places on the page that numbers lead to. */
  readonly origins: Readonly<Record<OriginName, string>>;
}

/** What the report is compared with. */
export const earlierOf = ({ before, period, activity, traffic }: MonthlyData): Earlier => {
  const first = period.from.toISOString().slice(0, 10);
  const held = [...activity, ...traffic].some(({ day }) => day < first);
  return { name: periodName(before), known: held };
};
