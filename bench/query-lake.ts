/** A year of a made-up organisation as a lake: events and flows over 365 days, with needles whose hits are known. */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { compact } from '../compaction/compact.ts';
import { collect } from '../stages/collect.ts';
import { openLake } from '../vault/lake.ts';
import { flowFile, trailEvent } from './generate.ts';
import { random } from './random.ts';

export const YEAR_DAYS = 365;
/** 2025-01-01T00:00:00Z */
export const YEAR_START = 1_735_689_600;
const DAY_SECONDS = 86_400;
/** Records in one log file, at most. */
const FILE_EVENTS = 5_000;
const FILE_FLOWS = 50_000;
/** Days whose log files lie on the disk at once. */
const DAYS_AT_ONCE = 32;

/** How often each needle is found in the whole year. */
export const NEEDLE_HITS = [1, 100, 10_000] as const;

export interface Needle {
  readonly hits: number;
  readonly ip: string;
  readonly key: string;
  readonly arn: string;
}

export const needle = (hits: number): Needle => ({
  hits,
  ip: `198.51.100.${NEEDLE_HITS.indexOf(hits as 1) + 1}`,
  key: `AKIANEEDLE${String(hits).padStart(10, '0')}`,
  arn: `arn:aws:iam::111122223333:user/needle-${hits}`,
});

/** The needle that event `index` of `total` is, if it is one. */
function needleAt(index: number, total: number): Needle | null {
  for (const hits of NEEDLE_HITS) {
    if (hits > total / 10) continue;
    const every = Math.floor(total / hits);
    // Each rarer kind in the middle of its stretch, so that none takes another's place.
    if (index % every === (every >> 1) + NEEDLE_HITS.indexOf(hits) && Math.floor(index / every) < hits)
      return needle(hits);
  }
  return null;
}

/** Makes the lake in `folder`, compacted as every lake is that is kept, unless one of that size is there. Progress goes to stderr. */
export async function yearLake(folder: string, events: number, flows: number): Promise<string> {
  const lake = join(folder, `year-${events}-${flows}-compacted`);
  const done = join(lake, 'bench-done');
  if (existsSync(done)) return lake;
  rmSync(lake, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const logs = mkdtempSync(join(folder, 'logs-'));
  try {
    for (let from = 0; from < YEAR_DAYS; from += DAYS_AT_ONCE) {
      const days = Math.min(DAYS_AT_ONCE, YEAR_DAYS - from);
      const part = join(logs, String(from));
      mkdirSync(part);
      for (let day = from; day < from + days; day++) writeDay(part, day, events, flows);
      await collect(await openLake(lake), [part]);
      rmSync(part, { recursive: true });
      process.stderr.write(`\ryear of logs: day ${from + days} of ${YEAR_DAYS}`);
    }
    process.stderr.write('\nmerging each day\n');
    await compact(await openLake(lake), { now: (YEAR_START + (YEAR_DAYS + 30) * DAY_SECONDS) * 1e6 });
    writeFileSync(done, '');
    return lake;
  } finally {
    rmSync(logs, { recursive: true, force: true });
  }
}

function writeDay(folder: string, day: number, events: number, flows: number): void {
  const share = (total: number, at: number) => Math.floor((total * at) / YEAR_DAYS);
  const [first, last] = [share(events, day), share(events, day + 1)];
  const start = YEAR_START + day * DAY_SECONDS;
  for (let from = first, file = 0; from < last; from += FILE_EVENTS, file++) {
    const to = Math.min(from + FILE_EVENTS, last);
    const r = random(day * 1_000 + file);
    const records: string[] = [];
    for (let index = from; index < to; index++) {
      const seconds = start + Math.floor(((index - first) * DAY_SECONDS) / (last - first));
      records.push(JSON.stringify(planted(trailEvent(r, seconds), needleAt(index, events))));
    }
    const path = join(folder, `trail-${day}-${file}.json.gz`);
    writeFileSync(path, gzipSync(`{"Records":[${records.join(',')}]}`, { level: 1 }));
  }
  const count = share(flows, day + 1) - share(flows, day);
  for (let from = 0, file = 0; from < count; from += FILE_FLOWS, file++) {
    const body = flowFile(
      500_000 + day * 1_000 + file,
      Math.min(FILE_FLOWS, count - from),
      start + Math.floor((from * DAY_SECONDS) / count),
      Math.floor((Math.min(FILE_FLOWS, count - from) * DAY_SECONDS) / count),
    );
    writeFileSync(join(folder, `flow-${day}-${file}.gz`), gzipSync(body, { level: 1 }));
  }
}

function planted(event: object, found: Needle | null): object {
  if (found === null) return event;
  const { userIdentity } = event as { userIdentity: object };
  const who = { ...userIdentity, arn: found.arn, accessKeyId: found.key };
  return { ...event, sourceIPAddress: found.ip, userIdentity: who };
}
