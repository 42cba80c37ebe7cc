/** Writes a year of CloudTrail files and flow logs into a folder, a few files of each a day: `node bench/year.ts <folder> <events> <flows>`. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { flowFile, trailFile } from './generate.ts';

const DAYS = 365;
const FILES_A_DAY = 4;
const START = Date.UTC(2025, 6, 1) / 1000;
const SPAN = 86_400 / FILES_A_DAY;

/** Files of a year that hold about `events` CloudTrail events and `flows` flow records, spread evenly. */
export function writeYear(folder: string, events: number, flows: number): void {
  const files = DAYS * FILES_A_DAY;
  for (const kind of ['trail', 'flow']) mkdirSync(join(folder, kind), { recursive: true });
  for (let i = 0; i < files; i++) {
    const share = (count: number) => Math.floor(((i + 1) * count) / files) - Math.floor((i * count) / files);
    const seconds = START + i * SPAN;
    const write = (kind: string, body: string) =>
      writeFileSync(
        join(folder, kind, `${kind}-${String(i).padStart(5, '0')}.gz`),
        gzipSync(body, { level: 4 }),
      );
    if (share(events) > 0) write('trail', trailFile(i, share(events), seconds, SPAN));
    if (share(flows) > 0) write('flow', flowFile(i, share(flows), seconds, SPAN));
  }
}

if (import.meta.main) {
  const [folder, events, flows] = process.argv.slice(2);
  if (folder === undefined || events === undefined || flows === undefined)
    throw new Error('usage: node bench/year.ts <folder> <events> <flows>');
  writeYear(folder, Number(events), Number(flows));
}
