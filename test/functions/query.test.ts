import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../functions/query/ask.ts';
import { scratchFolder } from '../vault/scratch.ts';
import { CloudWorld, contextOf, keyOf, message, notification, trailLog } from './world.ts';

const ANA = 'arn:aws:sts::123456789012:assumed-role/responder/ana';
const newFolder = scratchFolder();
const world = new CloudWorld();
let asked: (
  method: string,
  path: string,
  body?: unknown,
  caller?: string | null,
) => Promise<{ status: number; body: Record<string, unknown> }>;
/** What was sent to the executor, and what it is allowed to do to it. */
let onOrder: (packed: unknown) => unknown = (packed) => packed;

beforeAll(async () => {
  await world.start(await newFolder());
  const [{ handler: ingest }, { handler: seal }, { handler: execute }, { appFor }, http, { lakeFor }] =
    await Promise.all([
      import('../../functions/ingest/index.ts'),
      import('../../functions/seal/index.ts'),
      import('../../functions/execute/index.ts'),
      import('../../functions/query/app.ts'),
      import('../../functions/query/http.ts'),
      import('../../functions/parts/lake.ts'),
    ]);
  await world.put(keyOf(1), trailLog(...Array.from({ length: 50 }, (_, number) => number)));
  await ingest({ Records: [message('m', notification(keyOf(1)))] }, contextOf('ingest'));
  await seal({}, contextOf('seal'));
  const lake = lakeFor('read');
  asked = async (method, path, body, caller = ANA) => {
    const event = urlEvent(method, path, body, caller);
    const app = appFor({
      lake,
      caller: http.callerOf(event),
      execute: async (order) => execute(onOrder(order) as never, contextOf('execute')),
      onAnswer: async () => {},
      exportLater: null,
    });
    const answer = await http.answerOf(await app.fetch(http.requestOf(event)));
    return { status: answer.statusCode!, body: JSON.parse(answer.body!) as Record<string, unknown> };
  };
}, 30_000);
afterAll(() => world.stop());

/** As a Function URL hands it over. */
function urlEvent(method: string, path: string, body: unknown, userArn: string | null) {
  const [rawPath = '', rawQueryString = ''] = path.split('?');
  const iam = { userArn, accountId: '123456789012', accessKey: 'AKIAEXAMPLE', callerId: 'AROAEXAMPLE:ana' };
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: { 'content-type': 'application/json', host: 'example.lambda-url.eu-west-1.on.aws' },
    requestContext: {
      accountId: '123456789012',
      ...(userArn === null ? {} : { authorizer: { iam } }),
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2WithIAMAuthorizer;
}

const records = () => world.stateKeys('pending/custody-').length;

describe('POST /query', () => {
  test('answers with rows, coverage and the ledger’s head, once it is on record; the executor gets links alone', async () => {
    const before = records();
    const { unpack } = await import('../../functions/parts/payload.ts');
    let seen = '';
    onOrder = (packed) => {
      seen = JSON.stringify(unpack(packed));
      return packed;
    };
    const { status, body } = await asked('POST', '/query', {
      sql: 'select action, count(*) as n from events group by action',
      case: 'INC-1',
    });
    expect(status).toBe(200);
    const answer = body as unknown as Answer;
    expect(answer.rows).toEqual([['storage.bucket.list', 50]]);
    expect(answer).toMatchObject({ rowCount: 1, truncated: null, notice: null });
    expect(answer.coverage?.ledger.size).toBeGreaterThan(0);
    expect(answer.read).toMatchObject({ files: 1 });
    expect(records()).toBe(before + 1);
    expect(seen).toContain('X-Amz-Signature');
    expect(seen).toContain('versionId');
    expect(seen).not.toContain('evidence/');
  });

  test('a saved question by its name; rows beyond the limit are left out and it says so', async () => {
    const { body } = await asked('POST', '/query', {
      name: 'who-did-what',
      params: { who: 'ana' },
      maxRows: 7,
    });
    expect(body).toMatchObject({ rowCount: 7, truncated: 'rows', notice: expect.stringContaining('7 rows') });
  });

  test('what is not allowed, not known or not said is refused in words', async () => {
    const code = async (body: unknown, caller: string | null = ANA) => {
      const { status, body: answer } = await asked('POST', '/query', body, caller);
      return [status, (answer['error'] as { code: string }).code];
    };
    expect(await code({ sql: 'drop table events' })).toEqual([400, expect.stringMatching(/^SQL_/)]);
    expect(await code({ name: 'nothing-of-ours' })).toEqual([404, 'QUESTION_UNKNOWN']);
    expect(await code({ sql: 'select 1', name: 'both' })).toEqual([400, 'EVENT_WRONG']);
    expect(await code({ sql: 'select * from events', maxReadBytes: 10 })).toEqual([413, 'QUERY_TOO_LARGE']);
    expect(await code({ sql: 'select 1' }, null)).toEqual([403, 'CALLER_UNKNOWN']);
  });

  test('a part that is not what was sealed is no answer', async () => {
    const vault = world.double.buckets.get('vault')!;
    const [key, versions] = [...vault.keys].find(([name]) =>
      /tables\/events\/data\/.*\.parquet$/.test(name),
    )!;
    const before = versions.map((version) => version.body);
    for (const version of versions) {
      const body = Buffer.from(version.body!);
      body.fill(0, 100, body.length - 5000);
      (version as { body: Buffer }).body = body;
    }
    const { status, body } = await asked('POST', '/query', { sql: 'select raw from events' });
    for (const [at, version] of versions.entries()) (version as { body: unknown }).body = before[at];
    expect([status, body['error']]).toMatchObject([
      500,
      { code: 'DATA_ALTERED', message: expect.stringContaining(key.split('/').at(-1)!) },
    ]);
  });
});

describe('what there is', () => {
  test('questions, columns and coverage', async () => {
    const { body: questions } = await asked('GET', '/questions');
    expect((questions as unknown as { name: string }[]).map(({ name }) => name)).toContain('who-did-what');
    const { body: columns } = await asked('GET', '/columns');
    expect(Object.keys(columns)).toContain('events');
    const { body: coverage } = await asked('GET', '/coverage?source=aws.cloudtrail');
    expect(coverage).toMatchObject({ rowsLeftOut: 0 });
    expect((coverage['rows'] as unknown[]).length).toBeGreaterThan(0);
    expect(await asked('GET', '/coverage?since=yesterday')).toMatchObject({ status: 400 });
    expect(await asked('GET', '/nothing')).toMatchObject({ status: 404 });
  });
});
