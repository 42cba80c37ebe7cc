/** What every function has around it: logs as JSON, metrics in embedded format, traces, and failures that are counted. */

import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { AkashiError } from '../../schema/error.ts';
import type { FunctionName } from '../list.ts';
import {
  CONNECTOR_DIMENSION,
  METRICS,
  METRICS_NAMESPACE,
  type Metric,
  type MetricFacts,
} from '../metrics.ts';

export type Measures = Partial<Record<Metric, number>>;

/** What a function says while it works. */
export interface Voice {
  readonly logger: Logger;
  /** Adds to the metrics of this run. */
  measure(values: Measures): void;
  /** The same as figures of one connector. */
  measureOf(connector: string, values: Measures): void;
}

/** What is known while a run lasts. */
export interface Run extends Voice {
  readonly context: Context;
}

/** A function's handler: `work` is called with the event and all that surrounds it. What it throws fails the run. */
export function powered<Event, Answer>(
  name: FunctionName,
  work: (event: Event, run: Run) => Promise<Answer>,
  ...more: readonly MiddlewareObj<Event, Answer>[]
) {
  const logger = new Logger({ serviceName: name });
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: name });
  const tracer = new Tracer({ serviceName: name });
  const voice: Voice = {
    logger,
    measure: (values) => add(metrics, values),
    measureOf(connector, values) {
      for (const [name, value] of Object.entries(values)) {
        // Published as soon as it is given, and its dimensions forgotten with it.
        const own = metrics.singleMetric();
        own.addDimension(CONNECTOR_DIMENSION, connector);
        add(own, { [name]: value });
      }
    },
  };
  const handler = middy<Event, Answer>()
    .use(injectLambdaContext(logger))
    .use(captureLambdaHandler(tracer, { captureResponse: false }))
    .use(logMetrics(metrics))
    .use(timed(voice));
  for (const one of more) handler.use(one);
  return handler.handler((event: Event, context: Context) => work(event, { ...voice, context }));
}

function add(metrics: Metrics, values: Measures): void {
  for (const [name, value] of Object.entries(values)) {
    const { unit, ifAny }: MetricFacts = METRICS[name as Metric];
    if (value !== 0 || ifAny !== true) metrics.addMetric(name, unit, value);
  }
}

/** How long a run took, and whether it failed; a failure is told with its code and goes on to whoever called. */
function timed({ logger, measure }: Voice): MiddlewareObj {
  let started = 0;
  const seconds = () => (performance.now() - started) / 1000;
  return {
    before: () => {
      started = performance.now();
    },
    after: () => measure({ seconds: seconds() }),
    onError: ({ error }) => {
      const code = error instanceof AkashiError ? error.code : 'UNEXPECTED';
      logger.error('the run failed', { code, error: error as Error });
      measure({ seconds: seconds(), failures: 1 });
    },
  };
}
