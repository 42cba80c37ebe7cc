/** What can be asked over HTTP. */

import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import { ENGINES } from '../../engine/athena/choose.ts';
import { questionByName, questions } from '../../queries/question.ts';
import { TABLES } from '../../schema/columns.ts';
import { AkashiError } from '../../schema/error.ts';
import { coverageRow, lakeCoverage, RangeSummary } from '../../stages/lake-coverage.ts';
import type { Lake } from '../../vault/lake.ts';
import { ASKED, callerCustodian, statementOf } from '../parts/asked.ts';
import { parsedEvent } from '../parts/event.ts';
import { type Answer, ask, explainAsked, type Workers } from './ask.ts';
import { FIND, findAsked } from './find.ts';
import { instant } from './time.ts';

const ROWS = 10_000;
const MOST_ROWS = 100_000;
const MOST_READ_BYTES = 10 * 2 ** 40;
/** Units of coverage in one answer. */
const MOST_UNITS = 10_000;

const QUERY = ASKED.safeExtend({
  maxRows: z.int().min(1).max(MOST_ROWS).default(ROWS),
  maxReadBytes: z.int().min(1).max(MOST_READ_BYTES).optional(),
  engine: z.enum(ENGINES).default('auto'),
  explain: z.boolean().default(false),
});
const EXPORT = ASKED.safeExtend({
  records: z.enum(['originals', 'slices', 'none']).optional(),
  encryptTo: z.array(z.string()).optional(),
  allowEmpty: z.boolean().optional(),
});
const SCOPE = z.strictObject({
  since: instant.optional(),
  until: instant.optional(),
  source: z.string().optional(),
  account: z.string().optional(),
});

/** What the routes work with. */
export interface Means {
  readonly lake: () => Promise<Lake>;
  /** Who asks, as IAM says; null where nobody checked. */
  readonly caller: string | null;
  readonly workers: Workers;
  /** Hears of each answer. */
  readonly onAnswer: (
    answer: Pick<Answer, 'rowCount'> & { readonly read: { readonly bytes: number } },
  ) => Promise<void>;
  /** Has a package made; null where there is no function for it. */
  readonly exportLater: ((event: unknown) => Promise<void>) | null;
}

/** Errors that whoever asks can do something about; all others are the server's. */
const STATUS: readonly (readonly [RegExp, 400 | 403 | 404 | 413 | 502 | 503 | 504])[] = [
  [/^CALLER_UNKNOWN$/, 403],
  [/^QUESTION_UNKNOWN$/, 404],
  [/^(?:SQL_TIMEOUT|SQL_CANCELLED)$/, 504],
  [/^(?:CUSTODY_NOT_KEPT|STORE_UNAVAILABLE|STORE_BUSY|INVOKE_FAILED|FUNCTIONS_DIFFER|LAKE_NEWER)$/, 503],
  [/^(?:QUERY_TOO_LARGE|QUERY_TOO_WIDE|SQL_MEMORY|SQL_RESULT_TOO_LARGE|ATHENA_TOO_LONG)$/, 413],
  [/^ATHENA_FAILED$/, 502],
  [
    /^(?:SQL_SYNTAX|SQL_NOT_ALLOWED|SQL_UNKNOWN_TABLE|SQL_PARAMETER|SQL_INVALID|SQL_FAILED|QUERY_LIMIT|EVENT_WRONG|FIND_VALUE|ATHENA_SQL|ATHENA_NONE)$/,
    400,
  ],
  [/^QUESTION_/, 400],
];

export function appFor({ lake, caller, workers, onAnswer, exportLater }: Means): Hono {
  const app = new Hono();
  const known = (): string => {
    if (caller !== null) return caller;
    throw new AkashiError(
      'CALLER_UNKNOWN',
      'Nobody says who asks. The URL must have IAM authorisation, and requests must be signed.',
    );
  };

  app.use(async (_, next) => {
    known();
    await next();
  });

  app.post('/query', async (c) => {
    const asked = parsedEvent('POST /query', QUERY, await json(c.req.raw));
    const by = callerCustodian(known(), asked);
    if (asked.explain)
      return c.json(await explainAsked(await lake(), statementOf(asked), by, asked, workers));
    const answer = await ask(await lake(), statementOf(asked), by, asked, workers);
    await onAnswer(answer);
    return c.json(answer);
  });

  app.post('/find', async (c) => {
    const asked = parsedEvent('POST /find', FIND, await json(c.req.raw));
    const by = callerCustodian(known(), asked);
    const answer = await findAsked(await lake(), asked, by, workers.timeoutMillis);
    await onAnswer(answer);
    return c.json(answer);
  });

  app.get('/questions', (c) => c.json(questions().map(({ sql: _, ...question }) => question)));
  app.get('/questions/:name', (c) => c.json(questionByName(c.req.param('name'))));

  app.get('/columns', (c) => c.json(TABLES));

  app.get('/coverage', async (c) => {
    const { since, until, source, account } = parsedEvent('GET /coverage', SCOPE, c.req.query());
    const scope = {
      ...(since === undefined ? {} : { from: since }),
      ...(until === undefined ? {} : { to: until }),
      ...(source === undefined ? {} : { source }),
      ...(account === undefined ? {} : { account }),
    };
    const asOf = Date.now() * 1000;
    const summary = new RangeSummary(scope);
    const rows: ReturnType<typeof coverageRow>[] = [];
    let units = 0;
    const result = await lakeCoverage(await lake(), asOf, scope, (unit) => {
      summary.add(unit);
      if (units++ < MOST_UNITS) rows.push(coverageRow(unit, asOf));
    });
    return c.json({ ...summary.finish(result), rows, rowsLeftOut: units - rows.length });
  });

  if (exportLater !== null)
    app.post('/exports', async (c) => {
      const { records, encryptTo, allowEmpty, ...asked } = parsedEvent(
        'POST /exports',
        EXPORT,
        await json(c.req.raw),
      );
      // Refused here rather than where nobody hears of it.
      statementOf(asked);
      const id = randomUUID();
      await exportLater({ id, asked, account: known(), ...defined({ records, encryptTo, allowEmpty }) });
      return c.json({ id, notice: 'The package will lie in the exports bucket under this id.' }, 202);
    });

  app.notFound((c) => c.json(failure('NOT_FOUND', `There is no ${c.req.method} ${c.req.path} here.`), 404));
  app.onError((error, c) => {
    if (!(error instanceof AkashiError)) throw error;
    const status = STATUS.find(([code]) => code.test(error.code))?.[1] ?? 500;
    return c.json(failure(error.code, error.message), status);
  });
  return app;
}

const failure = (code: string, message: string) => ({ error: { code, message } });

const defined = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

async function json(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch (cause) {
    throw new AkashiError('EVENT_WRONG', `The request's body must be JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}
