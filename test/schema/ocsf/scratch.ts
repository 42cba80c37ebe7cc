import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes a file into a fresh folder of the system's temporary one. */
export function scratchFile(name: string, content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'akashi-test-')), name);
  writeFileSync(path, content);
  return path;
}
