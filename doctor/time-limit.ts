/** Nobody waits for a cloud that does not answer. */

/** Longest look at one thing, milliseconds. */
export const LOOK_MILLIS = 20_000;

/** Runs `work` with a signal that ends it; throws after the limit whatever `work` does then. */
export async function within<T>(
  work: (signal: AbortSignal) => Promise<T>,
  millis: number = LOOK_MILLIS,
): Promise<T> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      stop.abort();
      reject(new Error(`no answer within ${millis / 1000} seconds`));
    }, millis);
  });
  try {
    return await Promise.race([work(stop.signal), late]);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
