/** One disposable process for one query, seen from outside. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { AkashiError } from '../../schema/error.ts';
import { visible } from '../format/visible.ts';
import type { QueryLimits } from '../limits.ts';
import type { RawScan } from '../plan/duckdb-plan.ts';
import { readScanList } from '../plan/scan-list.ts';
import { isolated, isolationPrefix } from './isolation.ts';
import { type Frame, FrameReader, type Job, type PlanJob } from './protocol.ts';
import { watchMemory } from './watchdog.ts';

const MAIN = new URL('./main.ts', import.meta.url).href;
/** Plain JavaScript, so that a child whose modules are all in the compile cache need not load the type stripper. */
const CHILD = [
  '--input-type=module',
  '--eval',
  `import { main } from ${JSON.stringify(MAIN)}; await main();`,
];
/** Room for a frame's wrapping beyond the answer's own limit. */
const FRAME_MARGIN = 2 ** 20;
/** A backstop in case parent and child both fail to stop: processor seconds beyond the time-out on every thread. */
const CPU_MARGIN_SECONDS = 10;
/** Address space of a thread's stack, which the kernel's limit counts whole though little of it is ever used. */
const STACK_BYTES = 8 * 2 ** 20;
/** Loading takes a fraction of a second; this long means that it never will. */
const START_MILLIS = 30_000;
const KEPT_STDERR = 2_000;
const LONGEST_MESSAGE = 4_000;

type Ending = 'start' | 'timeout' | 'memory' | 'cancelled' | 'finished';

export class Sandbox {
  readonly pid: number;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #folder: string;
  readonly #limits: QueryLimits;
  readonly #closed: Promise<void>;
  readonly #frames: AsyncGenerator<Frame>;
  #ending: Ending | null = null;
  #isReady = false;
  #clockRuns = false;
  #stderr = '';
  #exit = '';
  #pauseClock = (): void => {};
  #resumeClock = (): void => {};

  /**
   * Starts the process; it gets ready by itself. `outputBytes` is how much it may write to files, nothing by default.
   * Whoever opens one must call `run` or `close`.
   */
  static async open(limits: QueryLimits, outputBytes = 0): Promise<Sandbox> {
    const prefix = await isolationPrefix();
    const folder = await mkdtemp(join(tmpdir(), 'akashi-query-'));
    await chmod(folder, 0o500);
    return new Sandbox(limits, outputBytes, folder, prefix);
  }

  private constructor(limits: QueryLimits, outputBytes: number, folder: string, prefix: readonly string[]) {
    const kernel = {
      memoryBytes: limits.memoryBytes + limits.threads * STACK_BYTES,
      cpuSeconds: (limits.timeoutMillis / 1000) * limits.threads + CPU_MARGIN_SECONDS,
      fileBytes: outputBytes,
    };
    const [command, ...args] = isolated([process.execPath, ...CHILD], kernel, prefix);
    const child = spawn(command!, args, {
      cwd: folder,
      env: environment(folder),
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#child = child;
    this.#folder = folder;
    this.#limits = limits;
    this.pid = child.pid ?? -1;
    this.#closed = new Promise((resolve) => {
      child.on('error', (error) => {
        this.#exit = error.message;
        resolve();
      });
      child.on('close', (code, signal) => {
        this.#exit = signal ?? `code ${code}`;
        resolve();
      });
    });
    child.stdin.on('error', () => {});
    child.stderr.on('data', (piece: Buffer) => {
      this.#stderr = (this.#stderr + piece.toString('latin1')).slice(-KEPT_STDERR);
    });
    this.#frames = this.#read();
  }

  /** Resolves when the process is gone. */
  get ended(): Promise<void> {
    return this.#closed;
  }

  /** Whether the process has not ended by itself. */
  get alive(): boolean {
    return this.#exit === '';
  }

  /** Waits until the engine is loaded and idle; `run` does so too. Throws AkashiError SQL_CRASHED if it never is. */
  async ready(): Promise<void> {
    if (this.#isReady) return;
    const patience = setTimeout(() => this.#kill('start'), START_MILLIS);
    try {
      const { value } = await this.#frames.next();
      if (value?.kind !== 'ready') throw await this.#failure();
      this.#isReady = true;
    } finally {
      clearTimeout(patience);
    }
  }

  /**
   * Asks what a statement looks at; null where that cannot be told. Throws as `run` does, and then the process is gone;
   * else it is ready for `run`, whose time has begun to count.
   */
  async plan(job: PlanJob, signal?: AbortSignal): Promise<readonly RawScan[] | null> {
    const release = this.#watch(signal);
    try {
      await this.#ask(job);
      // One by one: leaving a loop over the frames would end them.
      const { value: frame } = await this.#frames.next();
      if (frame?.kind === 'error') throw this.#childError(frame);
      if (frame?.kind !== 'plan') throw await this.#failure();
      this.#pauseClock();
      return readScanList(frame.scans);
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      release();
    }
  }

  /**
   * Runs the job and yields its frames up to the `done` of its last statement. Throws AkashiError SQL_TIMEOUT, SQL_MEMORY, SQL_CANCELLED,
   * SQL_CRASHED, or the code the child reports. The process is gone when this returns, however it returns; after a whole
   * answer it is going, which `ended` waits for.
   */
  async *run(job: Job, signal?: AbortSignal): AsyncGenerator<Frame> {
    const release = this.#watch(signal);
    let answered = false;
    try {
      let statements = 1 + (job.more?.length ?? 0);
      await this.#ask(job);
      for await (const frame of this.#frames) {
        if (frame.kind === 'error') throw this.#childError(frame);
        this.#pauseClock();
        yield frame;
        this.#resumeClock();
        answered = frame.kind === 'done' && --statements === 0;
        if (answered) return;
      }
      throw await this.#failure();
    } finally {
      release();
      const closed = this.close();
      // Taking a process down takes the kernel ten milliseconds, which nobody has to wait for; nor would a folder that stays
      // behind, empty, be a failure of the answer.
      if (answered) closed.catch(() => {});
      else await closed;
    }
  }

  /** Ends the process when it takes too much memory or nobody wants its answer, until what is returned is called. */
  #watch(signal: AbortSignal | undefined): () => void {
    const cancel = () => this.#kill('cancelled');
    const stopWatching = watchMemory(this.pid, this.#limits.memoryBytes, () => this.#kill('memory'));
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted) cancel();
    return () => {
      stopWatching();
      signal?.removeEventListener('abort', cancel);
    };
  }

  async #ask(job: PlanJob | Job): Promise<void> {
    await this.ready();
    this.#child.stdin.write(`${JSON.stringify(job)}\n`);
    if (this.#clockRuns) this.#resumeClock();
    else this.#startClock();
  }

  /** Ends the process and removes its folder. Harmless when repeated. */
  async close(): Promise<void> {
    this.#pauseClock();
    this.#kill('finished');
    await this.#closed;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async *#read(): AsyncGenerator<Frame> {
    const reader = new FrameReader(this.#limits.maxBytes + FRAME_MARGIN);
    try {
      for await (const piece of this.#child.stdout) {
        yield* reader.push(piece as Buffer);
      }
    } catch (error) {
      this.#stderr += String(error);
      this.#kill('finished');
    }
  }

  #kill(ending: Ending): void {
    this.#ending ??= ending;
    this.#child.kill('SIGKILL');
  }

  /** Counts only while we wait for the child: a slow reader of the answer costs the query nothing. */
  #startClock(): void {
    this.#clockRuns = true;
    let left = this.#limits.timeoutMillis;
    let started = 0;
    let timer: NodeJS.Timeout | undefined;
    this.#resumeClock = () => {
      started = performance.now();
      timer = setTimeout(() => this.#kill('timeout'), left);
    };
    this.#pauseClock = () => {
      clearTimeout(timer);
      left -= performance.now() - started;
    };
    this.#resumeClock();
  }

  /** The child's words may hold values from logs, so they are made harmless for a terminal; line breaks stay. */
  #childError({ code, message }: { readonly code: string; readonly message: string }): AkashiError {
    const lines = String(message).slice(0, LONGEST_MESSAGE).split('\n').map(visible).join('\n');
    // DuckDB's advice on memory is about settings that a query cannot change.
    if (code === 'SQL_MEMORY') return memoryError(this.#limits.memoryBytes, new Error(lines));
    if (code === 'SQL_RESULT_TOO_LARGE') return fileError(this.#limits.maxBytes);
    return new AkashiError(/^SQL_[A-Z_]+$/.test(code) ? code : 'SQL_FAILED', lines);
  }

  /** Why the frames ended before `done`. */
  async #failure(): Promise<AkashiError> {
    await this.#closed;
    const { timeoutMillis, memoryBytes, maxBytes } = this.#limits;
    switch (this.#ending) {
      case 'timeout':
        return new AkashiError(
          'SQL_TIMEOUT',
          `the query ran longer than ${timeoutMillis / 1000} s; ask for less (a shorter time range, fewer columns) or raise the time-out`,
        );
      case 'memory':
        return memoryError(memoryBytes);
      case 'start':
        return new AkashiError(
          'SQL_CRASHED',
          `the query's process was not ready after ${START_MILLIS / 1000} s`,
        );
      case 'cancelled':
        return new AkashiError('SQL_CANCELLED', 'the query was cancelled');
      default:
        // The kernel's answer to a file that grows past its limit.
        if (this.#exit === 'SIGXFSZ') return fileError(maxBytes);
        if (/out of memory|bad_alloc|allocation failed/i.test(this.#stderr)) return memoryError(memoryBytes);
        return new AkashiError(
          'SQL_CRASHED',
          `the query's process ended unexpectedly (${this.#exit}); nothing else was harmed: ${visible(this.#stderr.trim().slice(-300))}`,
        );
    }
  }
}

/** Nothing of ours: no credentials, no preloads, no options. HOME is empty because DuckDB looks there. */
function environment(folder: string): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir();
  // Loading the child's modules here puts them into the cache for the next time.
  if (cache !== undefined) void import('./main.ts');
  return {
    HOME: folder,
    TMPDIR: folder,
    TZ: 'UTC',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    // Compiled code that this process keeps, if it keeps any: halves the start. The child cannot write to it. Node
    // names the folder of its own version, and wants the one around it.
    ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }),
  };
}

const memoryError = (memoryBytes: number, cause?: Error): AkashiError =>
  new AkashiError(
    'SQL_MEMORY',
    `the query needed more than its ${Math.round(memoryBytes / 2 ** 20)} MiB of memory; ask for less (a shorter time range, fewer columns or groups) or raise the limit`,
    { cause },
  );

const fileError = (maxBytes: number): AkashiError =>
  new AkashiError(
    'SQL_RESULT_TOO_LARGE',
    `the answer's file would be larger than ${maxBytes} bytes; ask for less or raise the limit`,
  );
