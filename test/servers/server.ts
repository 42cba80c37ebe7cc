/** Starting and ending a server for the suite: a scratch folder, free ports, processes of our own. */

import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Dialect } from '../../vault/s3/settings.ts';

export interface Running {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export interface ServerUnderTest {
  readonly dialect: Dialect;
  /** Makes sure that it is there, by the package manager it comes from. Throws when it cannot be had. */
  install(): void;
  /** `folder`: new and empty, removed afterwards. */
  start(folder: string): Promise<Running>;
}

export const ACCESS_KEY = 'test';
export const SECRET_KEY = 'testsecret';

/** Where servers are installed that no system package brings. */
export const cacheFolder = (): string => {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(base, 'akashi-test-servers');
  mkdirSync(folder, { recursive: true });
  return folder;
};

/** Runs a command to its end. Throws with what it said when it fails. */
export function run(command: string, words: readonly string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 64 * 2 ** 20,
  });
  if (status === 0) return stdout.trim();
  throw new Error(
    `${command} ${words.join(' ')} failed: ${error?.message ?? ''}${stdout.slice(-2000)}${stderr.slice(-4000)}`,
  );
}

export const isInstalled = (...paths: string[]): boolean => paths.every((path) => existsSync(path));

/** A port nobody listens on, of this machine's loopback. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const START_MILLIS = 60_000;

/** Resolves when somebody listens; throws after a minute, or when the process that should has ended. */
export async function listening(port: number, process?: ChildProcess): Promise<void> {
  const until = Date.now() + START_MILLIS;
  for (;;) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('connect', () => socket.end());
      socket.on('error', () => resolve(false));
    });
    if (answered) return;
    if (process?.exitCode != null) throw new Error(`it ended at once, with ${process.exitCode}`);
    if (Date.now() > until) throw new Error(`nobody listens at port ${port} after ${START_MILLIS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Those of this machine that are to end with us: one listener for all, however often servers start again. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process in the background that ends with us. */
export function background(
  command: string,
  words: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const child = spawn(command, words, { stdio: 'ignore', ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export async function end(child: ChildProcess, by: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(by);
  await ended;
}
