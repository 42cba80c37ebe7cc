/**
 * A package as a zip file: the same bytes for the same files, on any machine. Names are in order, times and modes are fixed,
 * and nothing is compressed, because what compression gives depends on the library and the processor (evidence mostly comes
 * compressed anyway). Beyond 4 GiB or 65,535 files it is ZIP64.
 */

import { Readable } from 'node:stream';
import yazl from 'yazl';
import type { BagFile } from './bag.ts';
import { checkedBytes } from './folder.ts';

/** The earliest time that a zip file can say. It is local time, without a zone: the same digits everywhere. */
const TIME = new Date(1980, 0, 1);
const MODE = 0o100644;

/** The zip as a stream; memory stays flat however large the files are. It fails as `checkedBytes` does. */
export function zipStream(
  files: readonly BagFile[],
  top: string,
  onBytes: (bytes: number) => void,
): Readable {
  const zip = new yazl.ZipFile();
  const out = zip.outputStream as Readable;
  // Errors are emitted on the archive, and its stream would wait for ever.
  (zip as unknown as NodeJS.EventEmitter).on('error', (error: Error) => out.destroy(error));
  const options = { mtime: TIME, mode: MODE, compress: false, forceDosTimestamp: true };
  for (const file of files) {
    zip.addReadStreamLazy(`${top}/${file.name}`, { ...options, size: file.size }, (give) => {
      const bytes = Readable.from(checkedBytes(file, onBytes), { objectMode: false });
      bytes.on('error', (error) => out.destroy(error));
      give(null, bytes);
    });
  }
  zip.end();
  return out;
}
