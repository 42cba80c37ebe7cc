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
  readonly statistic: 'Maximum' | 'Sum';
  /** It rings from this value on. */
  readonly threshold: number;
  /** What the statistic is of, and how many of those in a row must be so. */
  readonly periodSeconds: number;
  readonly periods: number;
}

/**
 * When it first fired, milliseconds; null when it did not. `scale`: how many times as fast the alarm's clock runs as that of
 * the points, whose periods begin at `from`.
 */
export function firedAt(alarm: Alarm, points: readonly Point[], from: number, scale: number): number | null {
  const period = (alarm.periodSeconds * 1000) / scale;
  const values = new Map<number, number>();
  for (const { namespace, name, dimensions, value, at } of points) {
    if (namespace !== alarm.namespace || name !== alarm.metric) continue;
    if (!Object.entries(alarm.dimensions).every(([key, wanted]) => dimensions[key] === wanted)) continue;
    const index = Math.floor((at - from) / period);
    const before = values.get(index);
    if (before === undefined) values.set(index, value);
    else values.set(index, alarm.statistic === 'Sum' ? before + value : Math.max(before, value));
  }
  let [inRow, last] = [0, Number.NaN];
  for (const [index, value] of [...values].sort(([a], [b]) => a - b)) {
    if (value < alarm.threshold) inRow = 0;
    else inRow = index === last + 1 ? inRow + 1 : 1;
    last = index;
    if (inRow >= alarm.periods) return from + (index + 1) * period;
  }
  return null;
}
