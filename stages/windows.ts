/**
 * What was fetched whole between two instants, in the sealer's inbox: whoever fetches says it there, and the next seal
 * makes it facts that coverage is derived from.
 */

import type { Window } from '../ledger/coverage/facts.ts';
import { getIfPresent } from '../ledger/store.ts';
import { newerFormat, newerText } from '../schema/newer.ts';
import { hashBytes } from '../vault/durable-file.ts';
import { makeKey, PREFIXES, parseKey } from '../vault/keys.ts';
import type { ManifestProblem } from '../vault/manifest.ts';
import type { StateStore } from '../vault/store.ts';
import { WRITE_KINDS } from '../vault/write-kind.ts';

const KIND = 'windows';
const FORMAT = 1;
/** One file of them; the longest run tells less. */
const MOST_BYTES = 4 * 2 ** 20;

/** Durable when it resolves. */
export async function putWindows(state: StateStore, windows: readonly Window[]): Promise<void> {
  if (windows.length === 0) return;
  const bytes = Buffer.from(`${JSON.stringify({ format: FORMAT, windows })}\n`);
  const key = makeKey('note', { kind: KIND, sha256: hashBytes(bytes) });
  await state.putIfAbsent(key, bytes, WRITE_KINDS.pending);
}

/** All that wait, and the keys to remove once they are sealed. */
export async function readWindows(
  state: StateStore,
): Promise<{ windows: Window[]; keys: string[]; problems: ({ key: string } & ManifestProblem)[] }> {
  const found = {
    windows: [] as Window[],
    keys: [] as string[],
    problems: [] as ({ key: string } & ManifestProblem)[],
  };
  for await (const { key, size } of state.list(`${PREFIXES.pending}${KIND}-`)) {
    const body = size > MOST_BYTES ? null : await getIfPresent(state, key);
    // Sealed and removed meanwhile.
    if (body === null && size <= MOST_BYTES) continue;
    const windows = body === null ? null : windowsIn(key, body.body);
    if (windows === null) found.problems.push({ key, problem: 'It holds no windows as its name promises.' });
    else if (typeof windows === 'number')
      found.problems.push({
        key,
        problem: `It ${newerText(windows, FORMAT)}, and waits for it.`,
        newer: true,
      });
    else {
      found.windows.push(...windows);
      found.keys.push(key);
    }
  }
  return found;
}

/** Null for what holds none, and the number of a format that only a newer version reads. */
function windowsIn(key: string, bytes: Uint8Array): Window[] | number | null {
  const parts = parseKey(key);
  if (parts?.class !== 'note' || parts.sha256 !== hashBytes(bytes)) return null;
  try {
    const { format, windows } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
      format?: unknown;
      windows?: unknown;
    };
    const newer = newerFormat(format, FORMAT);
    if (newer !== null) return newer;
    return format === FORMAT && Array.isArray(windows) && windows.every(isWindow) ? windows : null;
  } catch {
    return null;
  }
}

function isWindow(value: unknown): value is Window {
  const { stream, from, to, asOf } = value as Partial<Window>;
  const isName = (name: unknown) => name === null || typeof name === 'string';
  return (
    typeof stream?.source === 'string' &&
    isName(stream.account) &&
    isName(stream.region) &&
    [from, to, asOf].every(Number.isSafeInteger)
  );
}
