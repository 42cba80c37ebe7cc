/** Starting a program with less than we have: no network, no capabilities, limits that the kernel enforces. */

import { execFile } from 'node:child_process';

/**
 * Address space Node reserves as writable before it does anything: V8's code range (512 MiB on x64), stacks and heaps,
 * measured as 650 MiB with DuckDB loaded. RLIMIT_DATA counts it, so the limit lies this much above the query's own.
 */
const RESERVED_BYTES = 720 * 2 ** 20;

/** `$1` KiB of data, `$2` seconds of processor, `$3` 512-byte blocks a file may grow to; then the program. */
const LIMIT_SCRIPT =
  'ulimit -c 0; ulimit -n "$(ulimit -H -n)"; ulimit -d "$1"; ulimit -t "$2"; ulimit -f "$3"; shift 3; exec "$@"';

export interface KernelLimits {
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
  /** 0 forbids writing a byte to any file. */
  readonly fileBytes: number;
}

/** The command that starts `program` under `limits`, after the prefix that `isolationPrefix` found to work here. */
export function isolated(
  program: readonly string[],
  limits: KernelLimits,
  prefix: readonly string[],
): readonly string[] {
  if (process.platform === 'win32') return program;
  const dataKiB = Math.ceil((limits.memoryBytes + RESERVED_BYTES) / 1024);
  const blocks = Math.ceil(limits.fileBytes / 512);
  const values = [dataKiB, Math.ceil(limits.cpuSeconds), blocks].map(String);
  return [...prefix, '/bin/sh', '-c', LIMIT_SCRIPT, 'sh', ...values, ...program];
}

/** Root without the powers of root, but for reading files of other owners; for others only a promise of no new ones. */
const DROP =
  process.geteuid?.() === 0
    ? ['setpriv', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all,+dac_read_search']
    : ['setpriv', '--no-new-privs'];
const SPACES = ['--net', '--ipc', '--uts'];
const NAMESPACES = [
  ['unshare', ...SPACES],
  ['unshare', '--user', '--map-root-user', ...SPACES],
];

let found: Promise<readonly string[]> | undefined;

/** The strongest combination of `unshare` and `setpriv` (util-linux) this system permits; tried once, then remembered. */
export function isolationPrefix(): Promise<readonly string[]> {
  found ??= findPrefix();
  return found;
}

/** What the kernel adds around a query process here, beside its limits of memory, time and writing; for logs. */
export interface Isolation {
  /** Spaces of its own: `net`, `ipc`, `uts`; none where the system does not permit them. */
  readonly namespaces: readonly string[];
  /** Whether it can gain no privileges. */
  readonly noPrivileges: boolean;
}

/** What `isolationPrefix` found. Where it found nothing, the statement gate, the engine's own lock and the limits stand alone. */
export async function isolationHere(): Promise<Isolation> {
  const prefix = await isolationPrefix();
  return {
    namespaces: SPACES.filter((space) => prefix.includes(space)).map((space) => space.slice(2)),
    noPrivileges: prefix.includes('--no-new-privs'),
  };
}

async function findPrefix(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const candidates = [...NAMESPACES.map((namespace) => [...namespace, ...DROP]), ...NAMESPACES, DROP];
  for (const prefix of candidates) if (await works(prefix)) return prefix;
  return [];
}

const works = ([command, ...args]: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(command!, [...args, 'true'], { timeout: 5_000 }, (error) => resolve(error === null));
  });
