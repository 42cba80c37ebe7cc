/** What functions read from their environment: names, meaning and rules, the same for whoever sets them. */

import { z } from 'zod';
import { AkashiError } from '../schema/error.ts';

const QUEUE_URL = /^https?:\/\/[^/\s]+\/\S+$/;
const PLACE = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[A-Za-z0-9!_.*'()=/-]*)?$/;
/** In Secrets Manager, with the six characters at its end that the service adds, or a parameter of Systems Manager. */
export const SECRET_ARN =
  /^arn:[a-z-]+:(?:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}|ssm:[a-z0-9-]+:\d{12}:parameter\/[\w./-]+)$/;
const QUEUE_ARN = /^arn:[a-z-]+:sqs:[a-z0-9-]*:\d{12}:\S+$/;

/** An entry of the configuration's `connectors`; its settings are read where it is opened. */
export type ConnectorEntry = Readonly<Record<string, unknown>> & { readonly connector: string };
export const connectorEntry = z.looseObject({ connector: z.string() });

const json = (text: string, context: z.RefinementCtx): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `must be JSON: ${(error as Error).message}` });
    return z.NEVER;
  }
};

const SHAPE = {
  AKASHI_LAKE: z
    .string()
    .min(1)
    .describe('The lake: `s3://vault-bucket/prefix?state=…&retention=…` as in docs/s3.md, or a folder'),
  AKASHI_SIGNING_KEY: z
    .string()
    .regex(/^(?:kms:\S+|\/.+)$/, 'must be kms:<key ARN, id or alias>, or the absolute path of a PEM file')
    .describe('The key that signs checkpoints: `kms:<ARN>`, or the absolute path of a PEM file'),
  AKASHI_WAKE_QUEUE: z
    .string()
    .regex(QUEUE_URL, 'must be the URL of an SQS queue')
    .optional()
    .describe('URL of the FIFO queue that wakes the sealer; without it, its schedule does'),
  AKASHI_WAKE_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(900)
    .optional()
    .describe(
      'Seconds that the queue of wake-ups holds each back, within which all count as one; 30 unless given',
    ),
  AKASHI_OBJECT_CONNECTORS: z
    .string()
    .transform(json)
    .pipe(z.record(z.string().regex(QUEUE_ARN, 'must be the ARN of an SQS queue'), connectorEntry))
    .describe('JSON: for the ARN of each object queue, the entry of its connector'),
  AKASHI_NORMALISE_FUNCTION: z
    .string()
    .min(1)
    .optional()
    .describe('Name or ARN of `normalise`; without it the sealer makes all rows itself'),
  AKASHI_EXECUTE_FUNCTION: z.string().min(1).describe('Name or ARN of `execute`'),
  AKASHI_EXPORT_FUNCTION: z
    .string()
    .min(1)
    .optional()
    .describe('Name or ARN of `export`; without it POST /exports is not there'),
  AKASHI_EXPORTS: z
    .string()
    .regex(PLACE, 'must be s3://<bucket>/<prefix>')
    .describe('Where evidence packages go: `s3://bucket/prefix`'),
  AKASHI_KNOWN: z
    .string()
    .regex(PLACE, 'must be s3://<bucket>/<key>')
    .optional()
    .describe('Object outside the lake that remembers the last head found good: `s3://bucket/key`'),
  AKASHI_TSA: z
    .string()
    .regex(/^https?:\/\/\S+$/, 'must be a URL')
    .optional()
    .describe('URL of the time-stamping authority; without it nothing is stamped'),
  AKASHI_TSA_ROOTS: z
    .string()
    .min(1)
    .optional()
    .describe("The authority's root certificates: PEM text, or the absolute path of a PEM file"),
  AKASHI_TSA_AUTHORIZATION: z
    .string()
    .min(1)
    .optional()
    .describe('Value of the Authorization header for the authority'),
  AKASHI_TSA_SECRET: z
    .string()
    .regex(SECRET_ARN, 'must be the ARN of a secret or of a parameter')
    .optional()
    .describe(
      'ARN of what holds the value of the Authorization header: in Secrets Manager, or a parameter of Systems Manager',
    ),
  AKASHI_EXPIRE_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(36_500)
    .optional()
    .describe('Days after which snapshots that compaction replaced are given up; 7 unless given'),
  AKASHI_HOME: z
    .string()
    .startsWith('/')
    .optional()
    .describe('Folder of this instance alone for locks and files in the making; /tmp/akashi unless given'),
} as const;

export type Variable = keyof typeof SHAPE;

/** Every variable, what it means and whether it may be left out. */
export const VARIABLES: readonly {
  readonly name: Variable;
  readonly help: string;
  readonly optional: boolean;
}[] = (Object.keys(SHAPE) as Variable[]).map((name) => ({
  name,
  help: SHAPE[name].description ?? '',
  optional: SHAPE[name].safeParse(undefined).success,
}));

export type Environment<V extends Variable> = { readonly [K in V]: z.output<(typeof SHAPE)[K]> };

/**
 * Reads the named variables. Throws ENVIRONMENT_WRONG with every one that is missing or breaks its rule, its value and
 * what it should be.
 */
export function readEnvironment<V extends Variable>(
  names: readonly V[],
  from: Readonly<Record<string, string | undefined>> = process.env,
): Environment<V> {
  const values: Partial<Record<Variable, unknown>> = {};
  const wrong: string[] = [];
  for (const name of names) {
    const given = from[name] === '' ? undefined : from[name];
    const parsed = SHAPE[name].safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else wrong.push(problem(name, given, parsed.error));
  }
  if (wrong.length > 0) throw new AkashiError('ENVIRONMENT_WRONG', wrong.join(' '));
  return values as Environment<V>;
}

function problem(name: Variable, given: string | undefined, error: z.ZodError): string {
  const help = SHAPE[name].description;
  if (given === undefined) return `${name} is not set. Set it: ${help}.`;
  const rules = error.issues.map((issue) => {
    const said =
      issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join(', ') : issue.message;
    return issue.path.length === 0 ? said : `${issue.path.join('.')}: ${said}`;
  });
  return `${name} is ${JSON.stringify(given.slice(0, 200))}, and ${rules.join('; ')}. Set it: ${help}.`;
}
