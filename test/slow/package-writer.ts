/** Writes a package of generated bodies in a process of its own, and tells what it took: `out`, then kind, bytes, files, recipients. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type BagFile, bagOf, textFile } from '../../exports/package/bag.ts';
import { type PackageOutput, placePackage } from '../../exports/package/place.ts';
import { openStaging } from '../../exports/package/staging.ts';

const [path = '', kind = 'zip', bytes = '0', files = '0', ...recipients] = process.argv.slice(2);
const PIECE = Buffer.alloc(1 << 20, 'akashi ');

/** As large as asked, and never in memory. */
function generated(name: string, size: number): BagFile {
  async function* open(): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; left -= PIECE.length)
      yield PIECE.subarray(0, Math.min(left, PIECE.length));
  }
  const digest = createHash('sha256');
  for (let left = size; left > 0; left -= PIECE.length)
    digest.update(PIECE.subarray(0, Math.min(left, PIECE.length)));
  return { name, size, sha256: digest.digest('hex'), open };
}

const payload = [
  generated('data/evidence/generic.text/large', Number(bytes)),
  ...Array.from({ length: Number(files) }, (_, at) => textFile(`data/evidence/generic.text/${at}`, `${at}`)),
];
const staging = await openStaging(path);
const started = performance.now();
const output = { kind: kind as PackageOutput['kind'], path, recipients };
const placed = await placePackage(bagOf(payload, [], []), 'package', output, staging, () => {});
await staging.remove();
const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ ...placed, seconds, rssBytes: Number(kilobytes) * 1024 }));
