/** What stands between a query and the rest of the machine, looked up on a real process rather than assumed. */

import { readFileSync, readlinkSync } from 'node:fs';
import { type QueryLimits, withDefaults } from '../limits.ts';
import { Sandbox } from './sandbox.ts';
import { residentBytes } from './watchdog.ts';

export interface Barrier {
  readonly name: string;
  readonly active: boolean;
  /** What it means here, in a sentence. */
  readonly detail: string;
}

/** Starts a query process, looks at it from outside, and ends it. Never throws: what cannot be seen counts as absent. */
export async function activeBarriers(limits?: Partial<QueryLimits>): Promise<readonly Barrier[]> {
  const sandbox = await Sandbox.open(withDefaults(limits));
  try {
    await sandbox.ready();
    return lookAt(sandbox.pid);
  } catch (error) {
    return [{ name: 'process', active: false, detail: `no query process starts here: ${error}` }];
  } finally {
    await sandbox.close();
  }
}

function lookAt(pid: number): readonly Barrier[] {
  const limits = read(`/proc/${pid}/limits`);
  const status = read(`/proc/${pid}/status`);
  const limit = (name: string) => new RegExp(`^${name} +(\\S+)`, 'm').exec(limits)?.[1] ?? 'unlimited';
  const limited = (name: string) => limit(name) !== 'unlimited';
  const separate = (space: string) => namespace(pid, space) !== namespace('self', space);
  const environment = read(`/proc/${pid}/environ`);
  const powers = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(status)?.[1] ?? 'ffffffffffffffff'}`);
  const linux = process.platform === 'linux';
  return [
    barrier('statement gate', true, 'one SELECT over published views and reviewed functions', ''),
    barrier('own process', true, 'each query has a process of its own, used once, ended by the clock', ''),
    barrier('engine lock', true, "the engine opens this query's data files only; settings are locked", ''),
    barrier(
      'empty environment',
      !linux || /^(?:(?:HOME|PATH|PWD|TMPDIR|TZ|NODE_COMPILE_CACHE)=[^\0]*\0)+$/.test(environment),
      'no variables, no credentials, an empty working folder',
      'it cannot be seen whether variables of ours reach a query',
    ),
    barrier(
      'memory limit (kernel)',
      limited('Max data size'),
      `allocation fails beyond ${limit('Max data size')} bytes`,
      'the kernel sets none; the watchdog alone ends a query that grows',
    ),
    barrier(
      'memory watchdog',
      residentBytes(pid) !== null,
      'a query that holds more than its limit is ended',
      'memory of a process cannot be read here',
    ),
    barrier(
      'no writing (kernel)',
      limit('Max file size') === '0',
      'no file can grow by a byte',
      'the kernel does not forbid it; the engine lock does',
    ),
    barrier(
      'processor time (kernel)',
      limited('Max cpu time'),
      `ended after ${limit('Max cpu time')} s of processor, should all else fail`,
      'not limited by the kernel; the clock ends a query',
    ),
    barrier(
      'no network (namespace)',
      linux && separate('net'),
      'a network of its own, with nothing in it',
      'not permitted here; the engine lock alone keeps a query off the network',
    ),
    barrier(
      'no privileges',
      linux && /^NoNewPrivs:\s*1/m.test(status) && (separate('user') || (powers & ~READ_ANY) === 0n),
      'no capability but reading files, and none can be gained',
      'the query process has the privileges of this one',
    ),
  ];
}

/** CAP_DAC_READ_SEARCH, which root keeps so that it can read a lake of another owner. */
const READ_ANY = 1n << 2n;

const barrier = (name: string, active: boolean, yes: string, no: string): Barrier => ({
  name,
  active,
  detail: active ? yes : no,
});

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function namespace(pid: number | 'self', space: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/${space}`);
  } catch {
    return null;
  }
}
