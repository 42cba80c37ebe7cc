/** The side of a worker pool's thread: one request at a time in, its result or failure out, notes in between. */

import { parentPort } from 'node:worker_threads';

export type ThreadSays<Result, Note> =
  | { readonly kind: 'note'; readonly note: Note }
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Answers every request that the pool sends with what `work` makes of it. */
export function answerRequests<Request, Result, Note>(
  work: (request: Request, tell: (note: Note) => void) => Promise<Result>,
): void {
  const port = parentPort!;
  const say = (what: ThreadSays<Result, Note>) => port.postMessage(what);
  port.on('message', (request: Request) => {
    work(request, (note) => say({ kind: 'note', note })).then(
      (result) => say({ kind: 'done', result }),
      (error: unknown) => say({ kind: 'failed', error }),
    );
  });
}
