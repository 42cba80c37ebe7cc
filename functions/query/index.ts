/** QUERY over HTTP: who asks is known, what is asked is on record, and the rows come from an executor. */

import { readEnvironment } from '../environment.ts';
import { invoke, invokeLater } from '../parts/invoke.ts';
import { lakeFor } from '../parts/lake.ts';
import { powered } from '../parts/powered.ts';
import { wake } from '../parts/wake.ts';
import { appFor } from './app.ts';
import { answerOf, callerOf, type HttpAnswer, type HttpEvent, requestOf } from './http.ts';

const lake = lakeFor('read');

/** For the answer to be written, and a question that takes too long to be stopped. */
const MARGIN_MILLIS = 15_000;

export const handler = powered('query', async (event: HttpEvent, run): Promise<HttpAnswer> => {
  const { AKASHI_EXECUTE_FUNCTION: executor, AKASHI_EXPORT_FUNCTION: exporter } = readEnvironment([
    'AKASHI_EXECUTE_FUNCTION',
    'AKASHI_EXPORT_FUNCTION',
  ]);
  const app = appFor({
    lake,
    caller: callerOf(event),
    workers: {
      execute: (order) => invoke(executor, order),
      timeoutMillis: Math.max(1, Math.floor(run.context.getRemainingTimeInMillis() - MARGIN_MILLIS)),
    },
    onAnswer: async ({ rowCount, read }) => {
      run.measure({ rows: rowCount, readBytes: read.bytes });
      await wake(run);
    },
    exportLater: exporter === undefined ? null : (asked) => invokeLater(exporter, asked),
  });
  return answerOf(await app.fetch(requestOf(event)));
});
