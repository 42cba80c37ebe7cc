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
  readonly comparison: 'over' | 'at least';
  readonly threshold: number;
  /** What the statistic is of, seconds of the rehearsal. */
  readonly periodSeconds: number;
}

/** Milliseconds at which it first fired; null when it did not. */
export function firedAt(alarm: Alarm, points: readonly Point[]): number | null {
  const own = points
    .filter(
      ({ namespace, name, dimensions }) =>
        namespace === alarm.namespace &&
        name === alarm.metric &&
        Object.entries(alarm.dimensions).every(([key, value]) => dimensions[key] === value),
    )
    .sort((a, b) => a.at - b.at);
  for (const [index, { at }] of own.entries()) {
    const within = own.slice(0, index + 1).filter((point) => point.at > at - alarm.periodSeconds * 1000);
    const value =
      alarm.statistic === 'Sum'
        ? within.reduce((sum, point) => sum + point.value, 0)
        : Math.max(...within.map((point) => point.value));
    if (alarm.comparison === 'over' ? value > alarm.threshold : value >= alarm.threshold) return at;
  }
  return null;
}
