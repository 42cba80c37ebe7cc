/** A whole deployment of Akashi as one construct: a construct for each stage of the walk, in its order. */

import { Stack, Tags } from 'aws-cdk-lib';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { type AuditTrailConfiguration, readConfiguration } from './configuration.ts';
import { checkDeployable } from './deployable.ts';
import { deploymentOf } from './deployment.ts';
import { TRIAL_TAG } from './names.ts';
import { Keys } from './parts/keys.ts';
import { Collect } from './stages/collect.ts';
import { Export } from './stages/export.ts';
import { Functions } from './stages/functions.ts';
import { Normalise } from './stages/normalise.ts';
import { Operate } from './stages/operate.ts';
import { Preserve } from './stages/preserve.ts';
import { Query } from './stages/query.ts';
import { Readers } from './stages/readers.ts';
import { Seal } from './stages/seal.ts';
import { Stamp } from './stages/stamp.ts';
import { Store } from './stages/store.ts';
import { Survey } from './stages/survey.ts';
import { Verify } from './stages/verify.ts';
import { wakeQueue } from './stages/wake.ts';

export interface AuditTrailProps extends AuditTrailConfiguration {
  /** Folder with the bundled functions and the layer, as `npm run bundle` and `npm run layer` make it; `dist` by default. */
  readonly build?: string;
}

/**
 * Everything that collects, keeps, proves and answers, in the stack's account and region. Throws what `readConfiguration`
 * and `checkDeployable` throw, CONFIG_REGION for a stack of another region, and BUILD_MISSING.
 */
export class AuditTrail extends Construct {
  readonly preserve: Preserve;
  readonly collect: Collect;
  readonly query: Query;
  readonly operate: Operate;

  constructor(scope: Construct, id: string, { build = 'dist', ...given }: AuditTrailProps) {
    super(scope, id);
    // S3 is let into the bucket of access logs by its policy, whatever the app around says.
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const where = `${Stack.of(this).stackName}/${id}`;
    const configuration = readConfiguration(given, where);
    checkDeployable(configuration, where);
    const deployment = deploymentOf(this, configuration, build);

    const keys = new Keys(this, 'Keys', deployment);
    const functions = new Functions(this, 'Functions', deployment, keys);
    const wake = wakeQueue(this, 'Wake', deployment);
    const wakeUrl = wake.queue.queueUrl;

    this.preserve = new Preserve(this, 'Preserve', deployment, keys.encryption);
    const { preserve } = this;
    const stage = { deployment, preserve, functions, wakeUrl };
    this.collect = new Collect(this, 'Collect', deployment, { preserve, functions, keys, wakeUrl });
    new Normalise(this, 'Normalise', stage);
    new Store(this, 'Store', stage, keys);
    new Seal(this, 'Seal', stage, { keys, wake });
    if (configuration.stamp.authority !== undefined)
      new Stamp(this, 'Stamp', stage, configuration.stamp.authority);
    new Verify(this, 'Verify', stage);
    this.query = new Query(this, 'Query', stage, keys.encryption);
    new Export(this, 'Export', stage, keys.encryption);
    new Readers(this, 'Readers', deployment, keys);
    new Survey(this, 'Survey', deployment);
    this.operate = new Operate(this, 'Operate', deployment, {
      keys,
      functions,
      queues: new Map([['wake', wake], ...this.collect.queues]),
    });
    Tags.of(this).add('akashi', configuration.name);
    // What may be emptied and deleted says so itself: `npm run tear-down` asks for it.
    if (configuration.trial) Tags.of(this).add(TRIAL_TAG, 'true');
  }
}
