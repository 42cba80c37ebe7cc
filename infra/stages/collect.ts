/**
 * COLLECT: a schedule for every connector that is asked, a queue for every bucket that tells of new objects, and a trail
 * of our own where one is wanted. Both functions only preserve, and wake the sealer.
 */

import { Duration, Stack } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { federationVariables } from '../../connectors/delivery/federation.ts';
import { type FunctionFacts, functionNamed, type Trigger } from '../../functions/list.ts';
import { isScheduled } from '../configuration.ts';
import { queueOf } from '../deployable.ts';
import type { Deployment } from '../deployment.ts';
import { OWN_TRAIL } from '../names.ts';
import type { AuditFunction } from '../parts/function.ts';
import type { Keys } from '../parts/keys.ts';
import { notifyingQueue } from '../parts/notifying-queue.ts';
import { OwnTrail } from '../parts/own-trail.ts';
import type { QueueWithDeadLetters } from '../parts/queue.ts';
import { Schedules } from '../parts/schedule.ts';
import { toldConnectors } from '../sources.ts';
import type { Functions } from './functions.ts';
import type { Preserve } from './preserve.ts';

/** A trail of our own tells of each object; listing it finds what a notification missed. */
const OWN_TRAIL_MINUTES = 60;

export class Collect extends Construct {
  /** Those made here, by the connector's name. */
  readonly queues = new Map<string, QueueWithDeadLetters>();
  readonly collect: AuditFunction | null;
  readonly ingest: AuditFunction | null;

  constructor(
    scope: Construct,
    id: string,
    deployment: Deployment,
    { preserve, functions, wakeUrl, keys }: CollectProps,
  ) {
    super(scope, id);
    const common = { AKASHI_LAKE: preserve.lake, AKASHI_WAKE_QUEUE: wakeUrl };
    this.collect = this.#scheduled(deployment, functions, common);
    this.ingest = this.#told(deployment, functions, common);
    if (deployment.configuration.trail !== 'none')
      new OwnTrail(this, 'Trail', deployment, {
        key: keys.encryption,
        logs: preserve.logs,
        queue: this.queues.get(OWN_TRAIL)!.queue,
      });
  }

  #scheduled(deployment: Deployment, functions: Functions, common: Common): AuditFunction | null {
    const { schedule } = deployment.configuration;
    const asked = deployment.connectors.filter(isScheduled);
    if (asked.length === 0) return null;
    const collect = functions.make(this, 'collect', common, federationVariables(deployment.configuration));
    new Schedules(this, 'Schedules', deployment, {
      function: collect,
      failed: functions.failed,
      runs: asked.map(({ name, entry }) => ({
        name,
        everyMinutes:
          schedule.connectors[name] ?? (name === OWN_TRAIL ? OWN_TRAIL_MINUTES : schedule.everyMinutes),
        event: { connector: entry },
      })),
    });
    return collect;
  }

  #told(deployment: Deployment, functions: Functions, common: Common): AuditFunction | null {
    const told = toldConnectors(deployment);
    if (told.length === 0) return null;
    const facts = functionNamed('ingest');
    const trigger = triggerOf(facts);
    const queues = told.map((connector) => {
      const { entry, name } = connector;
      if (connector.delivery === 'queue') {
        const { region, account, name: queue } = queueOf(String(entry['queue']))!;
        const arn = `arn:${Stack.of(this).partition}:sqs:${region}:${account}:${queue}`;
        return { queue: Queue.fromQueueArn(this, `Told-${name}`, arn), entry };
      }
      const made = notifyingQueue(this, deployment, connector, {
        // Six times the function's own, as Lambda asks for: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        hiddenSeconds: 6 * facts.timeoutSeconds + trigger.windowSeconds,
        maxReceives: trigger.maxReceives,
      });
      this.queues.set(name, made);
      const { connector: source, bucket, bucketOwner } = entry;
      return {
        queue: made.queue,
        entry: {
          connector: source,
          name,
          delivery: 'queue',
          queue: made.queue.queueUrl,
          buckets: [bucket],
          ...(bucketOwner === undefined ? {} : { bucketOwner }),
        },
      };
    });
    const ingest = functions.make(this, 'ingest', {
      ...common,
      AKASHI_OBJECT_CONNECTORS: Stack.of(this).toJsonString(
        Object.fromEntries(queues.map(({ queue, entry }) => [queue.queueArn, entry])),
      ),
    });
    for (const { queue } of queues)
      ingest.function.addEventSource(
        new SqsEventSource(queue, {
          batchSize: trigger.batchSize,
          maxBatchingWindow: Duration.seconds(trigger.windowSeconds),
          reportBatchItemFailures: true,
        }),
      );
    return ingest;
  }
}

interface Common {
  readonly AKASHI_LAKE: string;
  readonly AKASHI_WAKE_QUEUE: string;
}

export interface CollectProps {
  readonly preserve: Preserve;
  readonly functions: Functions;
  readonly keys: Keys;
  /** URL of the queue that wakes the sealer. */
  readonly wakeUrl: string;
}

const triggerOf = ({ triggers }: FunctionFacts) =>
  triggers.find((one): one is Trigger & { kind: 'object-queue' } => one.kind === 'object-queue')!;
