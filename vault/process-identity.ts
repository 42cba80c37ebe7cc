/** Says which process wrote a lock or a temporary file, and whether it still lives. */

import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A pid alone is not enough: pids come round again, restart at every boot, and differ between containers. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in the system's own words; only compared. */
  readonly start: string;
  /** Changes at every boot; empty where the system has none and `start` is a full date. */
  readonly boot: string;
  /** The world in which the pid counts: a container has its own. Empty where there are none. */
  readonly namespace: string;
  /** Every text here is of letters, digits and `-` only, so that it can be part of a file name. */
  readonly host: string;
}

/** `unknown`: it may live in another container or on another machine, where we cannot look. */
export type Liveness = 'alive' | 'dead' | 'unknown';

const LINUX = process.platform === 'linux';

function attempt(read: () => string): string {
  try {
    return read()
      .trim()
      .replace(/[^A-Za-z0-9-]+/g, '-');
  } catch {
    return '';
  }
}

/**
 * Start of a process; empty when there is none, or only its remains (a zombie). Linux: clock ticks since boot,
 * field 22 of proc_pid_stat(5), counted after the last `)` since field 2 is a name that may hold anything.
 */
function startOf(pid: number): string {
  if (LINUX) {
    return attempt(() => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '');
    });
  }
  return attempt(() => execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }));
}

let own: ProcessIdentity | undefined;

/** This process. */
export function ownIdentity(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    start: startOf(process.pid),
    boot: LINUX ? attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')) : '',
    namespace: LINUX ? attempt(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')) : '',
    host: attempt(() => hostname().slice(0, 64)),
  };
  return own;
}

/** Whether the process that left `identity` still runs. */
export function livenessOf(identity: ProcessIdentity): Liveness {
  const here = ownIdentity();
  if (identity.boot !== here.boot) return identity.host === here.host ? 'dead' : 'unknown';
  if (identity.namespace !== here.namespace) return 'unknown';
  if (here.boot === '' && identity.host !== here.host) return 'unknown';
  return identity.start === startOf(identity.pid) && identity.start !== '' ? 'alive' : 'dead';
}

const text = (value: unknown): value is string => typeof value === 'string';

/** Reads an identity out of parsed JSON; null when it is none. */
export function parseIdentity(value: unknown): ProcessIdentity | null {
  if (typeof value !== 'object' || value === null) return null;
  const { pid, start, boot, namespace, host } = value as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
  if (!text(start) || !text(boot) || !text(namespace) || !text(host)) return null;
  return { pid, start, boot, namespace, host };
}

/** The identity as the beginning of a file name, closed by a dot. */
export const identityTag = ({ pid, start, boot, namespace, host }: ProcessIdentity): string =>
  `${pid}.${start}.${boot}.${namespace}.${host}.`;

/** The inverse of `identityTag`, for any file name; null when it has no such beginning. */
export function parseIdentityTag(fileName: string): ProcessIdentity | null {
  const [pid, start, boot, namespace, host, rest] = fileName.split('.');
  return rest === undefined ? null : parseIdentity({ pid: Number(pid), start, boot, namespace, host });
}
