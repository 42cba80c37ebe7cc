/** What a process and its children take of memory and of processors, from Linux's own accounts. */

import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
/** Of the kernel's clock. */
const TICK_MILLIS = 10;

/** Bytes in memory of a process and all below it; 0 where there is none, or no /proc. */
export function memoryOf(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return pages * PAGE_BYTES + childrenOf(pid).reduce((sum, child) => sum + memoryOf(child), 0);
  } catch {
    return 0;
  }
}

/** Milliseconds of processor that a process, its threads and the children it waited for have taken; 0 where there is none. */
export function cpuOf(pid: number): number {
  try {
    // After the name, which may hold anything: fields 14 to 17 of proc(5).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MILLIS;
  } catch {
    return 0;
  }
}

/** The same with all below it, whoever they are waited for by. */
export function cpuOfAll(pid: number): number {
  try {
    return cpuOf(pid) + childrenOf(pid).reduce((sum, child) => sum + cpuOfAll(child), 0);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}
