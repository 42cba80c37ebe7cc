/** The deployment on one machine: functions by functions/list.ts, their queues and schedules, over the servers of a cloud. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '../bench/random.ts';
import { FEDERATION_VARIABLES } from '../connectors/delivery/federation.ts';
import { FUNCTIONS, type FunctionFacts, type FunctionName } from '../functions/list.ts';
import { ACCESS_KEY, SECRET_KEY } from '../test/servers/server.ts';
import { InvokeApi } from './lambda/api.ts';
import { questionEvent, SCHEDULED } from './lambda/events.ts';
import { type Invocation, LambdaFunction, type Mischief } from './lambda/function.ts';
import { depthOf, Mapping } from './lambda/mapping.ts';
import { Schedule } from './lambda/schedule.ts';
import { type Point, pointsOf } from './metrics.ts';
import { BUCKETS, PROJECT } from './organisation/plan.ts';
import { collectorsOf } from './places.ts';
import { GLUE_DATABASE } from './servers/catalogue.ts';
import { type Cloud, LEDGER_KEY } from './servers/cloud.ts';
import { type Queue, Vendors } from './servers/vendors.ts';

/** Instances at once: enough to race, few enough for two cores. */
const CONCURRENCY: Partial<Record<FunctionName, number>> = { collect: 2, ingest: 2, seal: 2, normalise: 2 };
const VISIBILITY_SECONDS = 45;
export const VAULT_BUCKET = 'rehearsal-vault';
export const STATE_BUCKET = 'rehearsal-state';
const MOST_COMPLAINT = 600;
const VISIBLE = 'ApproximateNumberOfMessagesVisible';
const EXPORTS = 'rehearsal-exports';
/** How much faster than in a deployment schedules run here; that of the sealer so that wake-ups are faster all the same. */
const SCALE = 20;
const SEAL_SCALE = 5;

export interface StageOptions {
  readonly folder: string;
  /** Folder with `<name>/index.mjs` of each function, or `<name>/index.ts`. */
  readonly code: (name: FunctionName) => string;
  readonly shuffle: boolean;
  readonly visibilitySeconds?: number;
  readonly seed: number;
  /** Wake-ups within so many seconds are one, which is held back for as long. */
  readonly wakeSeconds: number;
  /** When functions run that a schedule starts once an hour or less often: seconds from the start. */
  readonly housekeepingSeconds: number;
  readonly mischief?: (functionName: string, n: number) => Mischief | null;
  readonly onLine?: (functionName: string, line: string) => void;
}

export class Stage {
  readonly lake: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly functions = new Map<string, LambdaFunction>();
  readonly invocations: Invocation[] = [];
  readonly points: Point[] = [];
  /** Errors that functions logged, shortened. */
  readonly complaints: string[] = [];
  readonly queues: { readonly trail: Queue; readonly flows: Queue; readonly wake: Queue };
  readonly collectors: { readonly name: string; readonly entry: Record<string, unknown> }[];
  readonly vendors: Vendors;
  readonly #api: InvokeApi;
  #mappings: { readonly queue: Queue; readonly mapping: Mapping }[] = [];
  #schedules: Schedule[] = [];
  #failedCalls = 0;
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
    this.lake =
      `s3://${VAULT_BUCKET}?state=${STATE_BUCKET}&endpoint=${proxies.lake.url}&retention=30` +
      `&region=us-east-1&glue=${GLUE_DATABASE}${server}`;
    this.environment = {
      ...cloud.environment,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_ENDPOINT_URL: proxies.aws.url,
      AWS_ENDPOINT_URL_LAMBDA: apiUrl,
      AWS_ENDPOINT_URL_KMS: proxies.kms.url,
      AKASHI_LAKE: this.lake,
      AKASHI_SIGNING_KEY: `kms:${LEDGER_KEY}`,
      AKASHI_WAKE_QUEUE: queues.wake.url,
      AKASHI_WAKE_SECONDS: String(options.wakeSeconds),
      AKASHI_OBJECT_CONNECTORS: objectConnectors(queues),
      AKASHI_NORMALISE_FUNCTION: 'normalise',
      AKASHI_EXECUTE_FUNCTION: 'execute',
      AKASHI_EXPORT_FUNCTION: 'export',
      AKASHI_EXPORTS: `s3://${EXPORTS}/packages`,
      AKASHI_KNOWN: `s3://${EXPORTS}/known/head.json`,
      AKASHI_TSA: proxies.tsa.url,
      AKASHI_TSA_ROOTS: cloud.authorityRoots,
      AKASHI_EXPIRE_DAYS: '7',
    };
    this.collectors = collectorsOf(cloud);
    const folder = join(options.folder, 'instances');
    mkdirSync(folder, { recursive: true });
    for (const facts of FUNCTIONS) this.functions.set(facts.name, this.#functionOf(facts, folder));
  }

  static async set(cloud: Cloud, options: StageOptions): Promise<Stage> {
    const vendors = new Vendors(cloud);
    await vendors.makeLake(VAULT_BUCKET, STATE_BUCKET);
    const { visibilitySeconds = VISIBILITY_SECONDS } = options;
    const objects = { visibilitySeconds, maxReceives: maxReceives('ingest') };
    const queues = {
      trail: await vendors.makeQueue('trail-objects', objects),
      flows: await vendors.makeQueue('flow-objects', objects),
      wake: await vendors.makeQueue('wake', {
        visibilitySeconds: VISIBILITY_SECONDS,
        maxReceives: maxReceives('seal'),
        delaySeconds: options.wakeSeconds,
        fifo: true,
      }),
    };
    await vendors.makeBucket(BUCKETS.trail, { queueArn: queues.trail.arn, by: 'itself' });
    await vendors.makeBucket(BUCKETS.flows, { queueArn: queues.flows.arn, by: 'event bus' });
    await vendors.makeBucket(EXPORTS, null);
    await vendors.makeDatabase();
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
    const given: readonly string[] = [
      ...facts.environment,
      ...(facts.may.includes('sources:read') ? Object.values(FEDERATION_VARIABLES) : []),
    ];
    const own = Object.entries(this.environment).filter(
      ([key]) => given.includes(key) && key !== 'AKASHI_HOME',
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
          if (line.includes('"level":"ERROR"'))
            this.complaints.push(`${from}: ${line.slice(0, MOST_COMPLAINT)}`);
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

  /** Names more buckets whose objects the trail's queue may tell of, as a new deployment would. */
  configureTrail(buckets: readonly string[]): void {
    this.functions
      .get('ingest')!
      .configure({ AKASHI_OBJECT_CONNECTORS: objectConnectors(this.queues, buckets) });
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
    const every = (minutes: number, scale = SCALE) => ({ everySeconds: (minutes * 60) / scale });
    for (const { name, triggers } of FUNCTIONS)
      for (const trigger of triggers) {
        if (trigger.kind === 'connector-schedule')
          for (const { name: connector } of this.collectors)
            this.#schedule(every(trigger.everyMinutes), () => this.collect(connector));
        if (trigger.kind === 'schedule')
          this.#schedule(
            {
              ...every(trigger.everyMinutes, name === 'seal' ? SEAL_SCALE : SCALE),
              ...(name === 'seal' ? {} : { firstAfterSeconds: this.#options.housekeepingSeconds }),
            },
            () => this.invoke(name, SCHEDULED),
          );
      }
    for (const schedule of this.#schedules) schedule.start();
  }

  #schedule(
    times: { everySeconds: number; firstAfterSeconds?: number },
    invoke: () => Promise<Invocation>,
  ): void {
    this.#schedules.push(new Schedule(times, invoke, () => this.#failedCalls++));
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
            maxReceives: maxReceives(name),
            ...(this.#options.shuffle ? { shuffle: random(this.#options.seed) } : {}),
          };
          const mapping = new Mapping(sqs, settings, (event) => this.invoke(name, event));
          this.#mappings.push({ queue, mapping });
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
    await Promise.all(mappings.map(({ mapping }) => mapping.stop()));
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
      const mapping = this.#mappings.find((one) => one.queue === queue)?.mapping;
      this.#noteQueue(`${name}-dead`, VISIBLE, lost);
      this.#noteQueue(name, 'ApproximateAgeOfOldestMessage', own === 0 ? 0 : (mapping?.oldestSeconds() ?? 0));
    }
    this.#noteQueue('failed', VISIBLE, this.#failedCalls);
    return depths;
  }

  #noteQueue(QueueName: string, name: string, value: number): void {
    this.points.push({ namespace: 'AWS/SQS', name, dimensions: { QueueName }, value, at: Date.now() });
  }

  async stop(): Promise<void> {
    await this.stopSchedules();
    await this.deaf();
    for (const one of this.functions.values()) one.recycle();
    await this.#api.stop();
  }
}

function maxReceives(name: FunctionName): number {
  for (const trigger of FUNCTIONS.find((facts) => facts.name === name)!.triggers)
    if ('maxReceives' in trigger) return trigger.maxReceives;
  throw new Error(`${name} reads no queue`);
}

function objectConnectors({ trail, flows }: Stage['queues'], more: readonly string[] = []): string {
  const of = ({ arn, url }: Queue, connector: string, name: string, buckets: readonly string[]) => ({
    [arn]: { connector, name, delivery: 'queue', queue: url, buckets },
  });
  return JSON.stringify({
    ...of(trail, 'aws.cloudtrail', 'org-trail', [BUCKETS.trail, ...more]),
    ...of(flows, 'aws.vpcflow', 'flows', [BUCKETS.flows]),
  });
}
