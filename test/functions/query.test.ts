import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../functions/query/ask.ts';
import { HEAD_KEY } from '../../vault/keys.ts';
import { openLakeForReading } from '../../vault/lake.ts';
import { scratchFolder } from '../vault/scratch.ts';
import { AthenaDouble } from './athena-double.ts';
import { CloudWorld, contextOf, keyOf, message, notification, trailLog } from './world.ts';

const ANA = 'arn:aws:sts::123456789012:assumed-role/responder/ana';
const newFolder = scratchFolder();
const world = new CloudWorld();
const athena = new AthenaDouble();
type Ask = (
  method: string,
  path: string,
  body?: unknown,
  caller?: string | null,
) => Promise<{ status: number; body: Record<string, unknown> }>;
let asked: Ask;
/** The same where the lake names an Athena work group. */
let askedThere: Ask;
/** What was sent to the executor, and what it is allowed to do to it. */
let onOrder: (packed: unknown) => unknown = (packed) => packed;

/** What the executor answers instead of trying. */
let refusal: unknown = null;

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
  await athena.start();
  const askerOf =
    (lake: ReturnType<typeof lakeFor>): Ask =>
    async (method, path, body, caller = ANA) => {
      const event = urlEvent(method, path, body, caller);
      const app = appFor({
        lake,
        caller: http.callerOf(event),
        workers: {
          execute: async (order) => refusal ?? execute(onOrder(order) as never, contextOf('execute')),
          timeoutMillis: 60_000,
        },
        onAnswer: async () => {},
        exportLater: null,
      });
      const answer = await http.answerOf(await app.fetch(http.requestOf(event)));
      return { status: answer.statusCode!, body: JSON.parse(answer.body!) as Record<string, unknown> };
    };
  const here = lakeFor('read');
  await here();
  asked = askerOf(here);
  process.env['AKASHI_LAKE'] = `${world.address}&glue=trail&athena=questions`;
  const there = lakeFor('read');
  await there();
  askedThere = askerOf(there);
}, 30_000);
afterAll(async () => {
  athena.stop();
  await world.stop();
});

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

describe('POST /query where the lake has Athena', () => {
  const sql = 'select count(*) as n from events where time > $since';
  const question = { sql, params: { since: '2020-01-01T00:00:00Z' }, case: 'INC-2' };

  test('what one function can do stays there, and says so', async () => {
    const { body } = await askedThere('POST', '/query', { sql: 'select count(*) as n from events' });
    expect(body).toMatchObject({
      rows: [[50]],
      engine: 'duckdb',
      why: expect.stringContaining('one function can do'),
      dollars: expect.any(Number),
    });
    expect(body['dollars']).toBeLessThan(0.01);
  });

  test('Athena is asked at the very snapshot, after it is on record, and its cost is told', async () => {
    const before = records();
    let atStart = 0;
    athena.onStart = () => {
      atStart = records();
    };
    const { status, body } = await askedThere('POST', '/query', {
      ...question,
      engine: 'athena',
      maxReadBytes: 2e9,
    });
    expect([status, body['rows'], body['engine']]).toEqual([200, [[42], [43]], 'athena']);
    expect(body).toMatchObject({
      dollars: 5,
      read: { engine: 'athena', bytes: 1e12, dollars: 5 },
      coverage: { ledger: { size: expect.any(Number) } },
    });
    const [asking] = athena.statements;
    expect(asking).toMatchObject({ WorkGroup: 'questions', QueryExecutionContext: { Database: 'trail' } });
    expect(asking!.QueryString).toMatch(/"trail"\."events" FOR VERSION AS OF \d+/);
    // One before it was asked, one that tells how many rows left.
    expect([atStart, records()]).toEqual([before + 1, before + 2]);
  });

  test('what an executor cannot do goes to Athena as well; what is none for Athena keeps its answer', async () => {
    const { pack } = await import('../../functions/parts/payload.ts');
    refusal = pack({ kind: 'refused', code: 'SQL_MEMORY', message: 'out of memory' });
    const { body } = await askedThere('POST', '/query', question);
    expect(body).toMatchObject({ engine: 'athena', why: expect.stringContaining('SQL_MEMORY') });
    const native = await askedThere('POST', '/query', { sql: 'select count(*) from aws_cloudtrail' });
    expect(native).toMatchObject({ status: 413, body: { error: { code: 'SQL_MEMORY' } } });
    const own = await askedThere('POST', '/query', { ...question, engine: 'duckdb' });
    expect(own).toMatchObject({ status: 413 });
    refusal = null;
  });

  test('Athena’s own words of a failure; no Athena where the lake names none', async () => {
    athena.failure = 'Bytes scanned limit was exceeded';
    const failed = await askedThere('POST', '/query', { ...question, engine: 'athena' });
    athena.failure = null;
    expect(failed).toMatchObject({
      status: 502,
      body: { error: { code: 'ATHENA_FAILED', message: expect.stringContaining('Bytes scanned limit') } },
    });
    expect(await asked('POST', '/query', { ...question, engine: 'athena' })).toMatchObject({
      status: 400,
      body: { error: { code: 'ATHENA_NONE' } },
    });
  });

  test('what it would read and who would be asked is told without asking anybody', async () => {
    const before = [records(), athena.statements.length];
    const { body } = await askedThere('POST', '/query', { ...question, explain: true });
    expect(body).toMatchObject({ engine: 'duckdb', files: 1, athenaDollars: expect.closeTo(0.00005, 8) });
    expect([records(), athena.statements.length]).toEqual(before);
  });
});

describe('POST /find', () => {
  test('answers with every row that names a value, newest first, once it is on record', async () => {
    const before = records();
    const { status, body } = await asked('POST', '/find', {
      value: 'ANA',
      since: '2026-03-01',
      until: '2026-04-01',
      maxRows: 7,
      columns: ['time', 'action', 'matched'],
      case: 'INC-3',
    });
    expect([status, body['rowCount'], body['truncated']]).toEqual([200, 7, 'rows']);
    expect(body).toMatchObject({
      notice: expect.stringContaining('maxRows'),
      coverage: { range: 'statement', ledger: { size: expect.any(Number) } },
      read: { files: 1, filesUnindexed: 0 },
    });
    expect((body['rows'] as unknown[])[0]).toEqual([
      '2026-03-10T10:00:00.000000Z',
      'storage.bucket.list',
      ['actor_name'],
    ]);
    expect(records()).toBe(before + 1);
    expect(await asked('POST', '/find', { value: 'nobody' })).toMatchObject({ body: { rowCount: 0 } });
  });

  test('what would be read whole is bounded, and what is none is refused', async () => {
    const before = records();
    const code = async (body: unknown) => {
      const { status, body: answer } = await asked('POST', '/find', body);
      return [status, (answer['error'] as { code: string }).code];
    };
    expect(await code({ value: 'an*', maxReadBytes: 10 })).toEqual([413, 'QUERY_TOO_LARGE']);
    expect(await code({ value: ' ' })).toEqual([400, 'FIND_VALUE']);
    expect(await code({ value: 'ana', columns: ['password'] })).toEqual([400, 'EVENT_WRONG']);
    expect(records()).toBe(before);
  });
});

test('a lake of a newer version is one to ask again once the deployment is through', async () => {
  const { state } = await openLakeForReading(world.address);
  const { body, version } = await state.get(HEAD_KEY);
  const head = JSON.parse(Buffer.from(body).toString()) as object;
  const swapped = await state.putIfUnchanged(
    HEAD_KEY,
    Buffer.from(JSON.stringify({ ...head, format: 99 })),
    version,
  );
  const answer = await asked('POST', '/query', { sql: 'select count(*) from events' });
  await state.putIfUnchanged(HEAD_KEY, body, swapped);
  expect(answer).toMatchObject({ status: 503, body: { error: { code: 'LAKE_NEWER' } } });
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
