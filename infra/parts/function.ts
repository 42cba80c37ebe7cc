/** A function of functions/list.ts with its role, its log and what starts it. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Size, Token } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as Lambda,
  type LayerVersion,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Variable } from '../../functions/environment.ts';
import { type FunctionFacts, type FunctionName, functionNamed } from '../../functions/list.ts';
import type { Deployment } from '../deployment.ts';
import { refused } from '../members.ts';
import { functionName } from '../names.ts';
import { allow, type Permission } from './permission.ts';

export interface FunctionProps {
  readonly of: FunctionName;
  /** Values for what the function reads; those it does not read are left out. */
  readonly environment: Readonly<Partial<Record<Variable, string>>>;
  /** Beside AKASHI_…: what vendors' SDKs read. */
  readonly more?: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
  readonly layer: LayerVersion;
  readonly key: IKey;
  /** Where what asynchronous calls could not do is put. */
  readonly failed: IQueue;
}

export const HANDLER = 'index.mjs';

/** Started by a schedule or by another function, without anybody waiting for the answer. */
const isAsynchronous = ({ triggers, name }: FunctionFacts): boolean =>
  triggers.some(({ kind }) => kind === 'schedule' || kind === 'connector-schedule') || name === 'export';

export class AuditFunction extends Construct {
  readonly function: Lambda;
  readonly role: Role;
  readonly facts: FunctionFacts;

  constructor(scope: Construct, id: string, deployment: Deployment, props: FunctionProps) {
    super(scope, id);
    const { configuration } = deployment;
    const facts = functionNamed(props.of);
    const name = functionName(configuration, props.of);
    this.facts = facts;
    const idle = facts.may.length === 0;
    this.role = new Role(this, 'Role', {
      roleName: name,
      description: facts.does,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${name}`,
      retention: RetentionDays.THREE_MONTHS,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new Lambda(this, 'Function', {
      functionName: name,
      description: facts.does,
      role: this.role,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(bundleOf(deployment.build, props.of)),
      layers: facts.duckdb ? [props.layer] : [],
      memorySize: facts.memoryMegabytes,
      timeout: Duration.seconds(facts.timeoutSeconds),
      ephemeralStorageSize: Size.mebibytes(facts.scratchMegabytes),
      environment: { ...known(facts, props.environment), ...props.more },
      logGroup: logs,
      ...(isAsynchronous(facts)
        ? {
            onFailure: new SqsDestination(props.failed),
            // A schedule comes again by itself; a request for an export does not.
            retryAttempts: props.of === 'export' ? 2 : 0,
            maxEventAge: Duration.hours(1),
          }
        : {}),
    });
    // Set here, since CDK would add its right to write traces to a policy of its own.
    if (!idle && facts.untraced !== true)
      (this.function.node.defaultChild as CfnFunction).tracingConfig = { mode: 'Active' };
    // A role that may do nothing writes no log either: what a statement made of it would say is the attacker's.
    if (idle) return;
    const may = allow(this, 'May', this.role, [...own(deployment, name), ...props.permissions]);
    // What starts at once may already do what it must.
    if (may !== null) this.function.node.addDependency(may);
  }
}

/** What every function does: log and trace itself. */
function own({ arn }: Deployment, name: string): Permission[] {
  return [
    {
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [arn('logs', `log-group:/aws/lambda/${name}:log-stream:*`)],
      because: 'Streams of the function’s own log group, which Lambda names as it goes.',
    },
    {
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      resources: ['*'],
      because: 'X-Ray knows no resources for what is written to it.',
    },
  ];
}

function known(facts: FunctionFacts, environment: FunctionProps['environment']): Record<string, string> {
  const values = Object.fromEntries(
    facts.environment.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html: 4 KB in all.
  const length = Object.entries(values).reduce(
    (sum, [name, value]) => sum + name.length + (Token.isUnresolved(value) ? 200 : value.length),
    0,
  );
  if (length > 3800)
    throw refused(
      'CONFIG_VALUE',
      facts.name,
      `its settings come to ${length} characters, and Lambda takes 4,096 in all`,
      'Name fewer queues, or one queue for several buckets.',
    );
  return values;
}

/** Folder of a function's bundle. Throws BUILD_MISSING. */
function bundleOf(build: string, of: FunctionName): string {
  const folder = join(build, 'functions', of);
  if (existsSync(join(folder, HANDLER))) return folder;
  throw refused('BUILD_MISSING', folder, `there is no ${HANDLER}`, 'Run `npm run bundle` first.');
}
