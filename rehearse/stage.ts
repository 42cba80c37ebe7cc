/** The deployment on one machine: functions by functions/list.ts, their queues and schedules, over the servers of a cloud. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '../bench/random.ts';
import { FUNCTIONS, type FunctionFacts, type FunctionName, WAKE_DELAY_SECONDS } from '../functions/list.ts';
import { ACCESS_KEY, SECRET_KEY } from '../test/servers/server.ts';
import { InvokeApi } from './lambda/api.ts';
import { type Invocation, LambdaFunction, type Mischief } from './lambda/function.ts';
import { depthOf, Mapping } from './lambda/mapping.ts';
import { Schedule } from './lambda/schedule.ts';
import { type Point, pointsOf } from './metrics.ts';
import { BUCKETS, LOOKUP_ACCOUNT, PROJECT, TENANT, WORKSPACE } from './organisation/plan.ts';
import type { Cloud } from './servers/cloud.ts';
import { type Queue, Vendors } from './servers/vendors.ts';

/** Instances at once: enough to race, few enough for two cores. */
const CONCURRENCY: Partial<Record<FunctionName, number>> = { collect: 2, ingest: 2, seal: 2, normalise: 2 };
const VISIBILITY_SECONDS = 45;
/** How much faster than in a deployment schedules run here. */
const SCALE = 20;

export interface StageOptions {
  readonly folder: string;
  /** Folder with `<name>/index.mjs` of each function, or `<name>/index.ts`. */
  readonly code: (name: FunctionName) => string;
  readonly shuffle: boolean;
  readonly visibilitySeconds?: number;
  readonly seed: number;
  readonly mischief?: (functionName: string, n: number) => Mischief | null;
  readonly onLine?: (functionName: string, line: string) => void;
}

export class Stage {
  readonly lake: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly functions = new Map<string, LambdaFunction>();
  readonly invocations: Invocation[] = [];
  readonly points: Point[] = [];
  readonly queues: { readonly trail: Queue; readonly flows: Queue; readonly wake: Queue };
  readonly collectors: { readonly name: string; readonly entry: Record<string, unknown> }[];
  readonly vendors: Vendors;
  readonly #api: InvokeApi;
  #mappings: Mapping[] = [];
  #schedules: Schedule[] = [];
  readonly #options: StageOptions;

  private constructor(
    cloud: Cloud,
    vendors: Vendors,
    queues: Stage['queues'],
    api: InvokeApi,
    apiUrl: string,
    options: StageOptions,
  ) {
    this.vendors = vendors;
    this.queues = queues;
    this.#api = api;
    this.#options = options;
    const { proxies } = cloud;
    const server = cloud.lakeServer.dialect === 'ceph' ? '&server=ceph' : '';
    this.lake = `s3://rehearsal-vault?state=rehearsal-state&endpoint=${proxies.lake.url}&retention=30${server}`;
    const objects = (queue: Queue, connector: string, name: string, bucket: string) => ({
      [queue.arn]: { connector, name, delivery: 'queue', queue: queue.url, buckets: [bucket] },
    });
    this.environment = {
      ...cloud.environment,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_ENDPOINT_URL: proxies.aws.url,
      AWS_ENDPOINT_URL_LAMBDA: apiUrl,
      AKASHI_LAKE: this.lake,
      AKASHI_SIGNING_KEY: join(options.folder, 'ledger.pem'),
      AKASHI_WAKE_QUEUE: queues.wake.url,
      AKASHI_OBJECT_CONNECTORS: JSON.stringify({
        ...objects(queues.trail, 'aws.cloudtrail', 'org-trail', BUCKETS.trail),
        ...objects(queues.flows, 'aws.vpcflow', 'flows', BUCKETS.flows),
      }),
      AKASHI_NORMALISE_FUNCTION: 'normalise',
      AKASHI_EXECUTE_FUNCTION: 'execute',
      AKASHI_EXPORT_FUNCTION: 'export',
      AKASHI_EXPORTS: 's3://rehearsal-exports/packages',
      AKASHI_KNOWN: 's3://rehearsal-known/head',
      AKASHI_EXPIRE_DAYS: '7',
    };
    this.collectors = collectorsOf(cloud);
    const folder = join(options.folder, 'instances');
    mkdirSync(folder, { recursive: true });
    for (const facts of FUNCTIONS) this.functions.set(facts.name, this.#functionOf(facts, folder));
  }

  static async set(cloud: Cloud, options: StageOptions): Promise<Stage> {
    const vendors = new Vendors(cloud);
    await vendors.makeLake('rehearsal-vault', 'rehearsal-state');
    const { visibilitySeconds = VISIBILITY_SECONDS } = options;
    const objects = { visibilitySeconds, maxReceives: maxReceives('ingest') };
    const queues = {
      trail: await vendors.makeQueue('trail-objects', objects),
      flows: await vendors.makeQueue('flow-objects', objects),
      wake: await vendors.makeQueue('wake', {
        visibilitySeconds: VISIBILITY_SECONDS,
        maxReceives: maxReceives('seal'),
        delaySeconds: WAKE_DELAY_SECONDS,
        fifo: true,
      }),
    };
    await vendors.makeBucket(BUCKETS.trail, queues.trail.arn);
    await vendors.makeBucket(BUCKETS.flows, queues.flows.arn);
    await vendors.makeContainer();
    cloud.google.objects.set(BUCKETS.sink, new Map());
    cloud.google.entries.set(PROJECT, []);
    const functions = { of: (_name: string): LambdaFunction | undefined => undefined };
    const api = new InvokeApi((name, event) => functions.of(name)?.invoke(event) ?? null);
    const stage = new Stage(cloud, vendors, queues, api, await api.start(), options);
    functions.of = (name) => stage.functions.get(name);
    return stage;
  }

  #functionOf(facts: FunctionFacts, folder: string): LambdaFunction {
    const { name, memoryMegabytes, timeoutSeconds } = facts;
    const clouds = Object.entries(this.environment).filter(([key]) => !key.startsWith('AKASHI_'));
    const own = Object.entries(this.environment).filter(
      ([key]) => (facts.environment as readonly string[]).includes(key) && key !== 'AKASHI_HOME',
    );
    const { mischief, onLine } = this.#options;
    return new LambdaFunction(
      {
        ...{ name, memoryMegabytes, timeoutSeconds, folder },
        path: this.#options.code(name),
        concurrency: CONCURRENCY[name] ?? 1,
        // A role that may do nothing has no credentials either.
        environment: Object.fromEntries(facts.may.length === 0 ? own : [...clouds, ...own]),
      },
      {
        onInvocation: (invocation) => this.#note(invocation),
        onLine: (from, line) => {
          this.points.push(...pointsOf(line, Date.now()));
          onLine?.(from, line);
        },
        ...(mischief === undefined ? {} : { mischief }),
      },
    );
  }

  #note(invocation: Invocation): void {
    this.invocations.push(invocation);
    const { functionName, outcome, millis, endedAt: at } = invocation;
    const point = { namespace: 'AWS/Lambda', dimensions: { FunctionName: functionName }, at };
    this.points.push({ ...point, name: 'Errors', value: outcome === 'ok' ? 0 : 1 });
    this.points.push({ ...point, name: 'Duration', value: millis });
  }

  invoke(name: FunctionName, event: unknown, mischief: Mischief | null = null): Promise<Invocation> {
    return this.functions.get(name)!.invoke(event, mischief);
  }

  collect(name: string, mischief: Mischief | null = null): Promise<Invocation> {
    const { entry } = this.collectors.find((one) => one.name === name)!;
    return this.invoke('collect', { connector: entry }, mischief);
  }

  /** The one number that a statement gives, asked as over HTTP. Throws what was answered instead. */
  async ask(sql: string): Promise<number> {
    const { result, problem } = await this.invoke('query', questionEvent(sql), {});
    const { statusCode = 0, body = '' } = (result ?? {}) as { statusCode?: number; body?: string };
    if (statusCode !== 200) throw new Error(`query: ${problem ?? ''} ${statusCode} ${body.slice(0, 300)}`);
    return Number((JSON.parse(body) as { rows: unknown[][] }).rows[0]?.[0]);
  }

  /** Pollers and schedules, all running. */
  start(): void {
    this.listen();
    const every = (minutes: number) => (minutes * 60) / SCALE;
    for (const { name, triggers } of FUNCTIONS)
      for (const trigger of triggers) {
        if (trigger.kind === 'connector-schedule')
          for (const { name: connector } of this.collectors)
            this.#schedule(every(trigger.everyMinutes), () => this.collect(connector));
        if (trigger.kind === 'schedule' && name === 'seal')
          this.#schedule(every(trigger.everyMinutes), () => this.invoke(name, SCHEDULED));
      }
    for (const schedule of this.#schedules) schedule.start();
  }

  #schedule(seconds: number, invoke: () => Promise<Invocation>): void {
    this.#schedules.push(new Schedule(seconds, invoke));
  }

  /** Event source mappings over the queues as they are now. */
  listen(): void {
    const sqs = this.vendors.sqs();
    for (const { name, triggers } of FUNCTIONS)
      for (const trigger of triggers) {
        const queues =
          trigger.kind === 'object-queue'
            ? [this.queues.trail, this.queues.flows]
            : trigger.kind === 'wake-queue'
              ? [this.queues.wake]
              : [];
        for (const queue of queues) {
          const isObjects = trigger.kind === 'object-queue';
          const settings = {
            queueUrl: this.directly(queue),
            queueArn: queue.arn,
            batchSize: 'batchSize' in trigger ? trigger.batchSize : 10,
            windowSeconds: isObjects ? trigger.windowSeconds : 0,
            concurrency: 1,
            reportsFailures: true,
            ...(this.#options.shuffle ? { shuffle: random(this.#options.seed) } : {}),
          };
          const mapping = new Mapping(sqs, settings, (event) => this.invoke(name, event));
          this.#mappings.push(mapping);
          mapping.start();
        }
      }
  }

  /** A queue's URL without the proxy, wherever moto is by now. */
  directly({ directUrl }: Queue): string {
    const { pathname } = new URL(directUrl);
    return new URL(pathname, this.vendors.awsUrl()).href;
  }

  async deaf(): Promise<void> {
    const mappings = this.#mappings;
    this.#mappings = [];
    await Promise.all(mappings.map((mapping) => mapping.stop()));
  }

  async stopSchedules(): Promise<void> {
    const schedules = this.#schedules;
    this.#schedules = [];
    await Promise.all(schedules.map((schedule) => schedule.stop()));
  }

  /** Messages about objects, wake-ups and dead letters, those under way among them; and points as SQS gives them. */
  async depths(): Promise<{ objects: number; wakes: number; dead: number }> {
    const sqs = this.vendors.sqs();
    const depths = { objects: 0, wakes: 0, dead: 0 };
    for (const [name, queue] of Object.entries(this.queues)) {
      const own = await depthOf(sqs, this.directly(queue));
      const lost = await depthOf(sqs, this.directly({ ...queue, directUrl: queue.deadLetterUrl }));
      depths[name === 'wake' ? 'wakes' : 'objects'] += own;
      depths.dead += lost;
      this.points.push({
        namespace: 'AWS/SQS',
        name: 'ApproximateNumberOfMessagesVisible',
        dimensions: { QueueName: `${name}-dead` },
        value: lost,
        at: Date.now(),
      });
    }
    return depths;
  }

  async stop(): Promise<void> {
    await this.stopSchedules();
    await this.deaf();
    for (const one of this.functions.values()) one.recycle();
    await this.#api.stop();
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
const questionEvent = (sql: string) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: '/query',
  rawQueryString: '',
  headers: { 'content-type': 'application/json' },
  requestContext: {
    accountId: '123456789012',
    authorizer: { iam: { userArn: 'arn:aws:sts::123456789012:assumed-role/responder/ana' } },
    http: {
      method: 'POST',
      path: '/query',
      protocol: 'HTTP/1.1',
      sourceIp: '192.0.2.1',
      userAgent: 'rehearsal',
    },
  },
  body: JSON.stringify({ sql }),
  isBase64Encoded: false,
});

/** What EventBridge sends. */
const SCHEDULED = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '123456789012',
  time: '2026-01-01T00:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail: {},
} as const;

function maxReceives(name: FunctionName): number {
  for (const trigger of FUNCTIONS.find((facts) => facts.name === name)!.triggers)
    if ('maxReceives' in trigger) return trigger.maxReceives;
  throw new Error(`${name} reads no queue`);
}

/** The scheduled connectors, the two that list what a queue may have lost among them. */
function collectorsOf({ proxies, certificates }: Cloud) {
  const entries: Record<string, unknown>[] = [
    {
      connector: 'aws.cloudtrail',
      name: 'trail-listed',
      delivery: 'bucket',
      bucket: BUCKETS.trail,
      firstDays: 2,
    },
    {
      connector: 'aws.vpcflow',
      name: 'flows-listed',
      delivery: 'bucket',
      bucket: BUCKETS.flows,
      firstDays: 3,
    },
    {
      ...{ connector: 'aws.cloudtrail', name: 'lookup', delivery: 'lookup-events', regions: ['us-east-1'] },
      ...{ account: LOOKUP_ACCOUNT, firstDays: 1, endpoint: proxies.lookup.url },
    },
    {
      ...{ connector: 'azure.activity', name: 'activity', delivery: 'blobs', firstDays: 1 },
      ...{ url: `${proxies.blobs.url}/devstoreaccount1`, certificates },
    },
    {
      ...{
        connector: 'azure.signin',
        name: 'sign-ins',
        delivery: 'workspace',
        workspace: WORKSPACE,
        firstDays: 1,
      },
      ...{ account: TENANT, endpoint: `${proxies.workspace.url}/v1`, certificates },
    },
    {
      ...{ connector: 'gcp.audit', name: 'audit', delivery: 'entries', resources: [PROJECT], firstDays: 1 },
      endpoint: proxies.google.url,
    },
    {
      ...{
        connector: 'gcp.vpcflow',
        name: 'gcp-flows',
        delivery: 'sink',
        bucket: BUCKETS.sink,
        firstDays: 2,
      },
      endpoint: proxies.google.url,
    },
  ];
  return entries.map((entry) => ({ name: String(entry['name']), entry }));
}
