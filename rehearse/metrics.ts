/**
 * What functions say of themselves in embedded metric format, what the harness sees of them as Lambda and SQS would, and
 * alarms judged over both. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

export interface Point {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds, by the harness's clock. */
  readonly at: number;
}

interface Directive {
  readonly Namespace?: unknown;
  readonly Dimensions?: unknown;
  readonly Metrics?: unknown;
}

/** Points of a line; none for a line that holds no metrics. Total. */
export function pointsOf(line: string, at: number): Point[] {
  if (!line.includes('CloudWatchMetrics')) return [];
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return [];
  }
  const directives = (record['_aws'] as { CloudWatchMetrics?: unknown } | undefined)?.CloudWatchMetrics;
  if (!Array.isArray(directives)) return [];
  return (directives as Directive[]).flatMap(({ Namespace, Dimensions, Metrics }) => {
    const names = Array.isArray(Dimensions) ? ((Dimensions as unknown[][])[0] ?? []) : [];
    const dimensions = Object.fromEntries(names.map((name) => [String(name), String(record[String(name)])]));
    const metrics = Array.isArray(Metrics) ? (Metrics as { Name?: unknown }[]) : [];
    return metrics.flatMap(({ Name }) => {
      const values = [record[String(Name)]].flat().map(Number);
      return values
        .filter((value) => Number.isFinite(value))
        .map((value) => ({ namespace: String(Namespace), name: String(Name), dimensions, value, at }));
    });
  });
}

export interface Alarm {
  readonly name: string;
  readonly namespace: string;
  readonly metric: string;
  /** Those of a point that must be so; others may be anything. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Maximum' | 'Sum' | 'SampleCount';
  readonly comparison: 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold';
  readonly threshold: number;
  /** What the statistic is of, and how many of those in a row must be so. */
  readonly periodSeconds: number;
  readonly periods: number;
  /** Whether a period without a point counts as beyond the threshold. */
  readonly missing: 'breaching' | 'notBreaching';
}

/** What was watched, milliseconds, and how many times as fast the alarms' clock runs as that of the points. */
export interface Watched {
  readonly from: number;
  readonly until: number;
  readonly scale: number;
}

/** Alarms of a minute and longer are judged once a minute, over the periods that end then. */
const JUDGED_EVERY_MILLIS = 60_000;

/**
 * When it first fired, milliseconds; null when it did not. Silence before the watch began is nobody's: a period that began
 * earlier counts for what was in it, and never as missing.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function firedAt(
  alarm: Alarm,
  points: readonly Point[],
  { from, until, scale }: Watched,
): number | null {
  const own = points.filter((point) => isOf(alarm, point)).sort((a, b) => a.at - b.at);
  const period = (alarm.periodSeconds * 1000) / scale;
  const step = JUDGED_EVERY_MILLIS / scale;
  for (let n = 1; from + n * step <= until; n++) {
    const at = from + n * step;
    const isBeyond = (back: number): boolean => {
      const [start, end] = [at - (back + 1) * period, at - back * period];
      const values = own.filter((point) => point.at >= start && point.at < end).map(({ value }) => value);
      if (values.length === 0) return alarm.missing === 'breaching' && start >= from;
      if (alarm.comparison === 'LessThanThreshold' && start < from) return false;
      const value = STATISTICS[alarm.statistic](values);
      return alarm.comparison === 'LessThanThreshold' ? value < alarm.threshold : value >= alarm.threshold;
    };
    if (Array.from({ length: alarm.periods }, (_, back) => back).every(isBeyond)) return at;
  }
  return null;
}

const STATISTICS: Readonly<Record<Alarm['statistic'], (values: readonly number[]) => number>> = {
  Maximum: (values) => Math.max(...values),
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  SampleCount: (values) => values.length,
};

const isOf = (alarm: Alarm, { namespace, name, dimensions }: Point): boolean =>
  namespace === alarm.namespace &&
  name === alarm.metric &&
  Object.entries(alarm.dimensions).every(([key, wanted]) => dimensions[key] === wanted);
