/** The names of what functions measure, in embedded metric format: alarms and dashboards use these and no others. */

export const METRICS_NAMESPACE = 'Akashi';

/** Dimension with the function's name, on every metric; the only one, but for those that name their connector as well. */
export const FUNCTION_DIMENSION = 'service';
/** Dimension with the connector's name, on those of `collect` and `ingest`. */
export const CONNECTOR_DIMENSION = 'connector';

export interface MetricFacts {
  readonly unit: 'Count' | 'Seconds' | 'Bytes';
  readonly from: readonly string[];
  readonly means: string;
  /** Told only where there is any: a metric costs by the hours in which it is told, and silence says none. */
  readonly ifAny?: true;
}

export const METRICS = {
  bodies: {
    unit: 'Count',
    from: ['collect', 'ingest', 'seal'],
    means: 'Bodies preserved; by seal: bodies sealed',
  },
  bytes: { unit: 'Bytes', from: ['collect', 'ingest', 'seal'], means: 'Their size as they came' },
  missed: {
    unit: 'Count',
    from: ['collect', 'ingest'],
    means: 'Named and not fetched: refused, gone, or of a bucket that is not configured; tried again',
    ifAny: true,
  },
  failures: {
    unit: 'Count',
    from: ['collect', 'ingest', 'seal', 'stamp', 'compact', 'verify', 'query', 'export'],
    means: 'Runs that ended with an error',
    ifAny: true,
  },
  records: { unit: 'Count', from: ['seal'], means: 'Records read' },
  events: { unit: 'Count', from: ['seal'], means: 'Rows of events' },
  flows: { unit: 'Count', from: ['seal'], means: 'Rows of flows' },
  skipped: { unit: 'Count', from: ['seal'], means: 'Records that are no events', ifAny: true },
  unreadable: { unit: 'Count', from: ['seal'], means: 'Records in quarantine', ifAny: true },
  unrecognised: {
    unit: 'Count',
    from: ['seal'],
    means: 'Pending entries that cannot be understood',
    ifAny: true,
  },
  lagSeconds: {
    unit: 'Seconds',
    from: ['seal'],
    means: 'From the receipt of the oldest body of this run to its seal',
  },
  pending: { unit: 'Count', from: ['seal'], means: 'Bodies left for the next run', ifAny: true },
  lostSwaps: {
    unit: 'Count',
    from: ['seal'],
    means: 'Seals begun again because another sealer was faster',
    ifAny: true,
  },
  gaps: {
    unit: 'Count',
    from: ['verify'],
    means: 'Hours of coverage in which something expected is missing',
  },
  problems: { unit: 'Count', from: ['verify'], means: 'What was altered, removed or added' },
  stampAgeSeconds: {
    unit: 'Seconds',
    from: ['stamp'],
    means: 'Age of the newest time-stamp, where an authority is named',
  },
  days: { unit: 'Count', from: ['compact'], means: 'Days of tables merged' },
  rows: { unit: 'Count', from: ['query', 'export'], means: 'Rows given out' },
  readBytes: { unit: 'Bytes', from: ['query'], means: 'Bytes of data files a question had read' },
  seconds: {
    unit: 'Seconds',
    from: ['collect', 'ingest', 'seal', 'stamp', 'compact', 'verify', 'query', 'export'],
    means: 'Time a run took',
  },
} as const satisfies Readonly<Record<string, MetricFacts>>;

export type Metric = keyof typeof METRICS;
