/** Makes functions: what all of them are given, once. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Architecture, Code, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Variable } from '../../functions/environment.ts';
import { type FunctionName, functionNamed } from '../../functions/list.ts';
import type { Deployment } from '../deployment.ts';
import { permissionsOf } from '../grants.ts';
import { BINDING } from '../layer.ts';
import { refused } from '../members.ts';
import { queueName } from '../names.ts';
import { AuditFunction } from '../parts/function.ts';
import type { Keys } from '../parts/keys.ts';
import { QueueWithDeadLetters } from '../parts/queue.ts';

/** Folder of the layer below the build, and what must be in it. */
export const LAYER = 'layer';

export class Functions extends Construct {
  /** Where what asynchronous calls could not do is put, 14 days long. */
  readonly failed: Queue;
  readonly made = new Map<FunctionName, AuditFunction>();
  readonly #deployment: Deployment;
  readonly #keys: Keys;
  readonly #layer: LayerVersion;

  constructor(scope: Construct, id: string, deployment: Deployment, keys: Keys) {
    super(scope, id);
    this.#deployment = deployment;
    this.#keys = keys;
    // Calls that failed are redriven by hand, so their own dead letters are for messages that cannot be.
    this.failed = new QueueWithDeadLetters(this, 'Failed', {
      name: queueName(deployment.configuration, 'failed'),
      hiddenSeconds: 900,
      maxReceives: 100,
    }).queue;
    this.#layer = layerOf(this, deployment);
  }

  /** Makes a function in the construct of its stage. Throws BUILD_MISSING. */
  make(
    stage: Construct,
    of: FunctionName,
    environment: Readonly<Partial<Record<Variable, string>>>,
    more: Readonly<Record<string, string>> = {},
  ): AuditFunction {
    const { encryption, ledger } = this.#keys;
    const made = new AuditFunction(stage, of[0]!.toUpperCase() + of.slice(1), this.#deployment, {
      of,
      environment: {
        ...environment,
        AKASHI_WAKE_SECONDS: String(this.#deployment.configuration.seal.everySeconds),
      },
      more,
      permissions: permissionsOf(this.#deployment, functionNamed(of).may, {
        encryption: this.#deployment.configuration.encryption === 'kms' ? encryption.keyArn : null,
        ledger: ledger.keyArn,
      }),
      layer: this.#layer,
      key: encryption,
      failed: this.failed as IQueue,
    });
    this.made.set(of, made);
    return made;
  }
}

function layerOf(scope: Construct, { build, configuration }: Deployment): LayerVersion {
  const folder = join(build, LAYER);
  if (!existsSync(join(folder, BINDING)))
    throw refused('BUILD_MISSING', folder, `there is no ${BINDING}`, 'Run `npm run layer` first.');
  return new LayerVersion(scope, 'DuckDB', {
    layerVersionName: `${configuration.name}-duckdb`,
    description: 'The native binding of DuckDB for Linux on arm64',
    code: Code.fromAsset(folder),
    compatibleRuntimes: [Runtime.NODEJS_24_X],
    compatibleArchitectures: [Architecture.ARM_64],
  });
}
