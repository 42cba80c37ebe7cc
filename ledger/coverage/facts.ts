/** What coverage is derived from: facts, each with the instant of the run that brought it. Times in microseconds. */

/** Where records come from: what is expected and held is told for each of these. */
export interface Stream {
  /** Connector id. */
  readonly source: string;
  /** Null where records name none. */
  readonly account: string | null;
  readonly region: string | null;
}

/** One text for a stream, for maps. */
export const streamKey = ({ source, account, region }: Stream): string =>
  JSON.stringify([source, account, region]);

/** Records of one hour that one run brought. */
export interface Brought {
  readonly stream: Stream;
  /** Hours since 1970. */
  readonly hour: number;
  readonly records: number;
  /** When the run began: what it brings is late only beside what an earlier run brought. */
  readonly asOf: number;
}

/** What the provider's own proof says of some hours, at one judgement; a later one of the same hour and series stands. */
export interface Declared {
  readonly stream: Stream;
  /** Which of several proofs: a trail's series of digests. */
  readonly series: string;
  readonly hour: number;
  /** Log files that hold records of the hour, and those of them that are held and proven. */
  readonly expected: number;
  readonly held: number;
  /** Null: all that was delivered of the hour is vouched for. UNCOVERED: not all of it, and nothing is known to be missing. */
  readonly problem: string | null;
  readonly detail: string | null;
  readonly asOf: number;
}

/** The proof does not reach over the whole hour: a first or newest digest. */
export const UNCOVERED = 'UNCOVERED';

/**
 * Everything that an API gave between two instants was fetched, page after page without a break, at `asOf`. A pull
 * writes one when its cursor moves. `account` and `region` null: of all of them.
 */
export interface Window {
  readonly stream: Stream;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly asOf: number;
}

export interface CoverageFacts {
  readonly brought: readonly Brought[];
  readonly declared: readonly Declared[];
  readonly windows: readonly Window[];
}

/** Longest delay that a source's vendor states, microseconds. */
export type DelayOf = (source: string) => number;
