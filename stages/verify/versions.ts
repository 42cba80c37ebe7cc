/** What versions show that no listing of keys does: delete markers, later versions, another key than was published. */

import type { LogIdentity } from '../../ledger/checkpoint.ts';
import type { RemoteParts } from '../../vault/lake.ts';
import type { KeyVersions } from '../../vault/s3/versions.ts';
import { readVkey, VKEY_FILE } from '../ledger.ts';
import { messageOf, type Verification } from './report.ts';

export interface VersionCheck {
  /** Hears of each key of the vault with all its versions. Nothing of it changes what is read: that is the oldest, by its id. */
  see(found: KeyVersions): void;
  finish(): void;
}

export function versionCheck({
  problems,
  caveats,
}: Pick<Verification, 'problems' | 'caveats'>): VersionCheck {
  let repeats = 0;
  return {
    see({ key, oldest, later, deleteMarkers }) {
      const others = later.filter((etag) => etag !== oldest?.etag).length;
      repeats += later.length - others;
      if (deleteMarkers > 0) {
        const detail = `${plural(deleteMarkers, 'delete marker')} on it; ${oldest === null ? 'no version is left' : 'what was stored is still there and was read by its version id'}`;
        problems.push({ code: 'DELETE_MARKER', key, detail });
      }
      if (others > 0) {
        const detail = `${plural(others, 'later version')} with other bytes on it; what was stored first is still there and was read by its version id`;
        problems.push({ code: 'LATER_VERSION', key, detail });
      }
    },
    finish() {
      if (repeats > 0)
        caveats.push(
          `${plural(repeats, 'later version')} of the vault's keys repeat the first as far as their ETags tell: a write was made twice. What was stored first is what was read.`,
        );
    },
  };
}

/** All keys with their versions, where nothing else is listed. */
export async function inspectVersions(
  all: () => AsyncIterable<KeyVersions>,
  check: VersionCheck,
  problems: Verification['problems'],
): Promise<void> {
  try {
    for await (const found of all()) check.see(found);
  } catch (error) {
    problems.push({ code: 'UNREADABLE', key: 'vault', detail: messageOf(error) });
  }
  check.finish();
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Whether the key that this machine knows is the one that is published. */
export async function compareKeys(
  remote: Pick<RemoteParts, 'publishedVkey'>,
  root: string,
  problems: Verification['problems'],
): Promise<void> {
  let published: string | null;
  try {
    published = (await remote.publishedVkey())?.trim() ?? null;
  } catch (error) {
    problems.push({ code: 'UNREADABLE', key: VKEY_FILE, detail: messageOf(error) });
    return;
  }
  const own = await readVkey(root).catch(() => null);
  if (published === null || own === null || published === textOf(own)) return;
  const detail = `the state store publishes ${published}, and this machine knows ${textOf(own)}`;
  problems.push({ code: 'ALTERED', key: VKEY_FILE, detail });
}

const textOf = ({ verifiers }: LogIdentity): string => verifiers.map(({ vkey }) => vkey).join('\n');
