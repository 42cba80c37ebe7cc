/** Asking again: with jitter, as long as the vendor says, and not a moment longer than we are allowed to. */

import { AkashiError } from '../../schema/error.ts';

export interface Patience {
  /** Times in all that something is asked. */
  readonly attempts: number;
  /** Longest wait before the second attempt, milliseconds; doubles each time up to `longestWaitMillis`. */
  readonly firstWaitMillis: number;
  readonly longestWaitMillis: number;
}

export const PATIENCE: Patience = { attempts: 8, firstWaitMillis: 200, longestWaitMillis: 30_000 };

/** What an error says about asking again: `retryAfterMillis` is the vendor's own word. */
export interface Verdict {
  readonly again: boolean;
  readonly retryAfterMillis?: number;
}

/**
 * Asks until there is an answer, or an error that asking again will not change. Throws that error, or PULL_ABORTED once
 * `signal` is: at once while waiting, and after the request under way.
 */
export async function askAgain<T>(
  request: () => Promise<T>,
  judge: (error: unknown) => Verdict,
  signal: AbortSignal,
  patience: Patience = PATIENCE,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    try {
      return await request();
    } catch (error) {
      throwIfAborted(signal);
      const { again, retryAfterMillis } = judge(error);
      if (!again || attempt >= patience.attempts) throw error;
      const most = Math.min(patience.firstWaitMillis * 2 ** (attempt - 1), patience.longestWaitMillis);
      // Between half and all of it, so that those who were refused together do not come back together.
      await wait(Math.max(retryAfterMillis ?? 0, most * (0.5 + Math.random() / 2)), signal);
    }
  }
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted)
    throw new AkashiError(
      'PULL_ABORTED',
      'The pull was told to stop before it had caught up. What it fetched is kept; the next one goes on from there.',
    );
}

/** Resolves after so many milliseconds; throws PULL_ABORTED when the signal comes first. */
export async function wait(millis: number, signal: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, millis);
    signal.addEventListener('abort', done);
  });
  throwIfAborted(signal);
}

/**
 * `Retry-After` in milliseconds: seconds or a date; undefined for anything else.
 * https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfter(header: string | null | undefined, now: number): number | undefined {
  if (header === null || header === undefined) return undefined;
  const millis = /^\d{1,7}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(millis) ? undefined : Math.max(0, millis);
}
