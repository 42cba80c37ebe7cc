/** A timeline at a glance: one strip for each lane, dark where much happened, marked where something is missing. */

import { LANES, type Lane } from './lanes.ts';
import type { TimelineData } from './model.ts';
import { clockText, dayText, laneOf, wordsOf } from './words.ts';

const WIDTH = 1_000;
const HEIGHT = 22;
const BUCKETS = 160;
const TICKS = 5;
/** Fewer lines need no overview. */
const LEAST = 5;

export function overviewHtml({ lines, span }: TimelineData, lanes: readonly Lane[]): string {
  if (span === null || lines.length < LEAST) return '';
  const { from, to } = span;
  const place = (time: number) => Math.min(1, Math.max(0, (time - from) / (to - from)));
  const buckets = new Map<Lane, Map<number, { count: number; first: number }>>();
  const missing = new Map<Lane, string[]>();
  for (const [at, line] of lines.entries()) {
    if (line.kind === 'gap') {
      const lane = laneOf(null, line.source);
      const [x, end] = [place(line.time) * WIDTH, place(line.end) * WIDTH];
      const rect = `<rect class="${line.verdict}" x="${x.toFixed(1)}" y="1" width="${Math.max(2, end - x).toFixed(1)}" height="${HEIGHT - 2}"/>`;
      missing.set(lane, [...(missing.get(lane) ?? []), rect]);
    } else if (line.time !== null) {
      const { lane } = wordsOf(line);
      const own = buckets.get(lane) ?? new Map<number, { count: number; first: number }>();
      buckets.set(lane, own);
      const bucket = Math.min(BUCKETS - 1, Math.floor(place(line.time) * BUCKETS));
      const known = own.get(bucket) ?? { count: 0, first: at };
      own.set(bucket, { ...known, count: known.count + 1 });
    }
  }
  const most = Math.max(
    1,
    ...[...buckets.values()].flatMap((own) => [...own.values()].map(({ count }) => count)),
  );
  const strips = lanes.map((lane, index) => {
    const bars = [...(buckets.get(lane) ?? [])].map(([bucket, { count, first }]) => {
      const height = 5 + (HEIGHT - 7) * (Math.log1p(count) / Math.log1p(most));
      const box = `x="${((bucket * WIDTH) / BUCKETS).toFixed(1)}" y="${(HEIGHT - height).toFixed(1)}" width="${(WIDTH / BUCKETS - 0.8).toFixed(1)}" height="${height.toFixed(1)}"`;
      return `<a href="#l${first}"><rect class="fill" ${box}/></a>`;
    });
    const count = [...(buckets.get(lane)?.values() ?? [])].reduce((sum, one) => sum + one.count, 0);
    const said = `${LANES[lane]}: ${count} lines, ${missing.get(lane)?.length ?? 0} gaps`;
    return (
      `<span class="name">${LANES[lane]}</span><svg class="c${index}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${said}">` +
      `${(missing.get(lane) ?? []).join('')}${bars.join('')}</svg>`
    );
  });
  const days = to - from > 2 * 86_400e6;
  const ticks = Array.from({ length: TICKS }, (_, at) => {
    const time = from + ((to - from) * at) / (TICKS - 1);
    return `<span>${days ? dayText(time).slice(5) : clockText(time).slice(0, 5)}</span>`;
  });
  return `<div class="over">${strips.join('')}<span class="axis">${ticks.join('')}</span></div>\n`;
}
