/**
 * QUERY: signed requests alone reach the router, which puts questions on record and has them executed by a function
 * whose role may do nothing; what outgrows one function is asked of Athena, within a bound.
 */

import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { CfnPermission, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { ATHENA_PREFIX, functionName } from '../names.ts';
import type { AuditFunction } from '../parts/function.ts';
import type { StageProps } from './normalise.ts';

export class Query extends Construct {
  readonly query: AuditFunction;
  readonly execute: AuditFunction;

  constructor(
    scope: Construct,
    id: string,
    { deployment, preserve, functions, wakeUrl }: StageProps,
    key: Key,
  ) {
    super(scope, id);
    const { configuration } = deployment;
    this.execute = functions.make(this, 'execute', {});
    this.query = functions.make(this, 'query', {
      AKASHI_LAKE: preserve.lake,
      AKASHI_WAKE_QUEUE: wakeUrl,
      AKASHI_EXECUTE_FUNCTION: functionName(configuration, 'execute'),
      AKASHI_EXPORT_FUNCTION: functionName(configuration, 'export'),
    });
    const url = this.query.function.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    for (const [at, principal] of configuration.query.callers.entries()) {
      // Both are asked for: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
      const common = { functionName: this.query.function.functionArn, principal };
      new CfnPermission(this, `Caller${at}Url`, {
        ...common,
        action: 'lambda:InvokeFunctionUrl',
        functionUrlAuthType: 'AWS_IAM',
      });
      new CfnPermission(this, `Caller${at}`, {
        ...common,
        action: 'lambda:InvokeFunction',
        invokedViaFunctionUrl: true,
      });
    }
    this.#athena(deployment, key);
    new CfnOutput(this, 'Url', {
      description: 'Of the query API; requests are signed for lambda',
      value: url.url,
    });
  }

  #athena({ configuration, bucket, account }: Deployment, key: Key): void {
    const { name, query, trial, encryption } = configuration;
    const group = new CfnWorkGroup(this, 'Athena', {
      name,
      description: 'Questions that outgrow one function',
      recursiveDeleteOption: trial,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: query.athenaGiB * 1024 ** 3,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${bucket('exports')}/${ATHENA_PREFIX}`,
          expectedBucketOwner: account,
          encryptionConfiguration:
            encryption === 'kms'
              ? { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn }
              : { encryptionOption: 'SSE_S3' },
        },
      },
    });
    group.applyRemovalPolicy(RemovalPolicy.DESTROY);
  }
}
