/**
 * A function as Lambda runs it: instances are processes, each with a disk of its own, one event at a time; an instance is
 * frozen between events, kept while it does well, and killed at the time-out, over its memory, or where a rehearsal says.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Reply, Request } from './instance.ts';
import { cpuOf, memoryOf } from './memory.ts';

const INSTANCE = fileURLToPath(new URL('./instance.ts', import.meta.url));
const CLOCK = fileURLToPath(new URL('./clock.ts', import.meta.url));
const WATCH_MILLIS = 250;
const MEGABYTE = 2 ** 20;
/** Lambda gives the loading of a handler ten seconds; machines shared by many are slower. */
const LOAD_MILLIS = 60_000;

export interface FunctionSettings {
  readonly name: string;
  /** File that exports `handler`. */
  readonly path: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** Instances at once; further events wait. */
  readonly concurrency: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Folder in which each instance gets one of its own for what it writes. */
  readonly folder: string;
}

export type Outcome = 'ok' | 'error' | 'timeout' | 'memory' | 'killed' | 'crashed';

export interface Invocation {
  readonly functionName: string;
  readonly outcome: Outcome;
  /** What the handler returned; null unless `ok`. */
  readonly result: unknown;
  /** Why it is not `ok`. */
  readonly problem: string | null;
  readonly millis: number;
  readonly isCold: boolean;
  /** Most bytes in memory that were seen. */
  readonly peakBytes: number;
  /** Milliseconds of processor, the loading of a cold instance among them. */
  readonly cpuMillis: number;
  readonly endedAt: number;
}

/** What a rehearsal does to an invocation, decided before it starts. */
export interface Mischief {
  /** Kill it after so many milliseconds. */
  readonly killAfter?: number;
  /** Milliseconds that the instance's clock is ahead. Means an instance of its own. */
  readonly skew?: number;
}

export interface Watchers {
  readonly onInvocation?: (invocation: Invocation) => void;
  readonly onLine?: (functionName: string, line: string) => void;
  /** Asked before each invocation; n counts from 1. */
  readonly mischief?: (functionName: string, n: number) => Mischief | null;
}

interface Instance {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly skew: number;
  readonly loaded: Promise<void>;
  /** Of the environment that it was started with. */
  readonly generation: number;
  isUsed: boolean;
}

/** Every process group alive, so that none outlives the harness. */
const groups = new Set<number>();
process.once('exit', () => {
  for (const pid of groups) signal(pid, 'SIGKILL');
});

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended.
  }
}

export class LambdaFunction {
  readonly settings: FunctionSettings;
  readonly #watchers: Watchers;
  readonly #idle: Instance[] = [];
  readonly #all = new Set<Instance>();
  readonly #waiting: (() => void)[] = [];
  #environment: Readonly<Record<string, string>>;
  #generation = 0;
  #running = 0;
  #count = 0;

  constructor(settings: FunctionSettings, watchers: Watchers = {}) {
    this.settings = settings;
    this.#environment = settings.environment;
    this.#watchers = watchers;
  }

  /** Runs one event to its end, whatever that is; never throws. */
  async invoke(event: unknown, mischief: Mischief | null = null): Promise<Invocation> {
    if (this.#running >= this.settings.concurrency)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      const own = mischief ?? this.#watchers.mischief?.(this.settings.name, ++this.#count) ?? {};
      const invocation = await this.#run(event, own);
      this.#watchers.onInvocation?.(invocation);
      return invocation;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  /** Ends all instances: the next event starts cold. */
  recycle(): void {
    for (const instance of [...this.#all]) this.#end(instance);
    this.#idle.length = 0;
  }

  /** Events from now on meet instances with these variables as well; what is under way ends as it began. */
  configure(more: Readonly<Record<string, string>>): void {
    this.#environment = { ...this.#environment, ...more };
    this.#generation++;
    for (const idle of this.#idle.splice(0)) this.#end(idle);
  }

  async #run(event: unknown, { killAfter, skew = 0 }: Mischief): Promise<Invocation> {
    const { name, timeoutSeconds, memoryMegabytes } = this.settings;
    const at = this.#idle.findIndex((idle) => idle.skew === skew);
    const instance = at < 0 ? this.#start(skew) : this.#idle.splice(at, 1)[0]!;
    const isCold = !instance.isUsed;
    instance.isUsed = true;
    const { child } = instance;
    const pid = child.pid!;
    signal(pid, 'SIGCONT');
    let peakBytes = 0;
    const cpuBefore = isCold ? 0 : cpuOf(pid);
    let cpu = cpuBefore;
    let started = performance.now();
    const timers: NodeJS.Timeout[] = [];
    const ended = await new Promise<{ outcome: Outcome; result?: unknown; problem?: string }>((resolve) => {
      const id = randomUUID();
      child.on('message', (reply: Reply) => {
        if (reply.kind === 'result' && reply.id === id) resolve({ outcome: 'ok', result: reply.result });
        if (reply.kind === 'error') resolve({ outcome: 'error', problem: `${reply.type}: ${reply.message}` });
      });
      child.once('exit', (code, by) =>
        resolve({ outcome: 'crashed', problem: `the process ended with ${code ?? by}` }),
      );
      timers.push(
        setInterval(() => {
          peakBytes = Math.max(peakBytes, memoryOf(pid));
          cpu = Math.max(cpu, cpuOf(pid));
          if (peakBytes > memoryMegabytes * MEGABYTE)
            resolve({ outcome: 'memory', problem: `over ${memoryMegabytes} MB` });
        }, WATCH_MILLIS),
      );
      instance.loaded.then(
        () => {
          started = performance.now();
          const request: Request = { id, event, millis: timeoutSeconds * 1000 };
          child.send(request);
          timers.push(
            setTimeout(
              () => resolve({ outcome: 'timeout', problem: `no end after ${timeoutSeconds} s` }),
              timeoutSeconds * 1000,
            ),
          );
          if (killAfter !== undefined)
            timers.push(
              setTimeout(
                () => resolve({ outcome: 'killed', problem: `killed after ${killAfter} ms` }),
                killAfter,
              ),
            );
        },
        (error: unknown) => resolve({ outcome: 'crashed', problem: (error as Error).message }),
      );
    });
    for (const timer of timers) clearInterval(timer);
    child.removeAllListeners('message');
    child.removeAllListeners('exit');
    const { outcome, result = null, problem = null } = ended;
    const cpuMillis = Math.max(cpu, cpuOf(pid)) - cpuBefore;
    const isCurrent = instance.generation === this.#generation;
    if (isCurrent && (outcome === 'ok' || (outcome === 'error' && child.exitCode === null))) {
      signal(pid, 'SIGSTOP');
      this.#idle.push(instance);
    } else this.#end(instance);
    const millis = performance.now() - started;
    return {
      functionName: name,
      outcome,
      result,
      problem,
      millis,
      isCold,
      peakBytes,
      cpuMillis,
      endedAt: Date.now(),
    };
  }

  #start(skew: number): Instance {
    const { name, path, memoryMegabytes } = this.settings;
    const folder = mkdtempSync(join(this.settings.folder, `${name}-`));
    const words = [`--max-old-space-size=${Math.floor(memoryMegabytes * 0.9)}`];
    if (skew !== 0) words.push('--import', CLOCK);
    const child = spawn(process.execPath, [...words, INSTANCE, path], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        TZ: 'UTC',
        HOME: folder,
        TMPDIR: folder,
        AKASHI_HOME: join(folder, 'akashi'),
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_LOG_STREAM_NAME: folder.split('/').at(-1)!,
        AWS_REGION: 'us-east-1',
        REHEARSE_SKEW: String(skew),
        ...this.#environment,
      },
    });
    groups.add(child.pid!);
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on('line', (line) => this.#watchers.onLine?.(name, line));
    const loaded = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the handler did not load in time')), LOAD_MILLIS);
      const settle = (done: () => void) => {
        clearTimeout(late);
        done();
      };
      child.once('message', (reply: Reply) => {
        if (reply.kind === 'ready') settle(resolve);
        else settle(() => reject(new Error(reply.kind === 'error' ? reply.message : 'no handler')));
      });
      child.once('exit', (code, by) =>
        settle(() => reject(new Error(`it ended at once with ${code ?? by}`))),
      );
    });
    loaded.catch(() => {});
    const instance: Instance = {
      ...{ child, folder, skew, loaded },
      generation: this.#generation,
      isUsed: false,
    };
    this.#all.add(instance);
    return instance;
  }

  #end(instance: Instance): void {
    const pid = instance.child.pid!;
    signal(pid, 'SIGKILL');
    groups.delete(pid);
    this.#all.delete(instance);
    rmSync(instance.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
