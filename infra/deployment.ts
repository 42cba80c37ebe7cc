/** What all constructs of a deployment share. */

import { resolve } from 'node:path';
import { Aws, CfnRule, Fn, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FunctionName } from '../functions/list.ts';
import { type Configuration, type ConfiguredConnector, OWN_TRAIL_ENTRY } from './configuration.ts';
import { refused } from './members.ts';
import { type BucketKind, bucketName, roleArn } from './names.ts';

export interface Deployment {
  readonly configuration: Configuration;
  /** Those of the configuration and the one of a trail made here. */
  readonly connectors: readonly ConfiguredConnector[];
  /** Folder with `functions/<name>/` and `layer/`. */
  readonly build: string;
  /** 12 digits, or CloudFormation's own word for the account it deploys to. */
  readonly account: string;
  /** RETAIN, and DESTROY for a trial. */
  readonly removal: RemovalPolicy;
  bucket(kind: BucketKind): string;
  bucketArn(kind: BucketKind): string;
  roleArn(of: FunctionName): string;
  /** `arn:<partition>:<service>:<region>:<account>:<rest>`. */
  arn(service: string, rest: string): string;
}

/** Throws CONFIG_REGION when the stack is of another region than the configuration. */
export function deploymentOf(scope: Construct, configuration: Configuration, build: string): Deployment {
  const stack = Stack.of(scope);
  const { region, residency, trial, connectors } = configuration;
  if (!Token.isUnresolved(stack.region) && stack.region !== region)
    throw refused(
      'CONFIG_REGION',
      stack.stackName,
      `the stack is of ${stack.region}, and "region" is ${region}`,
      `Give the stack { env: { region: '${region}' } }, or change "region".`,
    );
  // A template may be carried elsewhere by hand; CloudFormation itself refuses it there.
  new CfnRule(scope, 'Residency', {
    assertions: [
      {
        assert: Fn.conditionContains([...residency], Aws.REGION),
        assertDescription: `Logs of this deployment may be kept in ${residency.join(', ')} alone ("residency").`,
      },
    ],
  });
  const account = configuration.account ?? stack.account;
  const named = (kind: BucketKind) => bucketName(configuration, kind, account);
  return {
    configuration,
    connectors:
      configuration.trail === 'none'
        ? connectors
        : [
            ...connectors,
            { ...OWN_TRAIL_ENTRY, entry: { ...OWN_TRAIL_ENTRY.entry, bucket: named('trail') } },
          ],
    build: resolve(build),
    account,
    removal: trial ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    bucket: named,
    bucketArn: (kind) => `arn:${Aws.PARTITION}:s3:::${named(kind)}`,
    roleArn: (of) => roleArn(configuration, of, account, Aws.PARTITION),
    arn: (service, rest) => `arn:${Aws.PARTITION}:${service}:${region}:${account}:${rest}`,
  };
}

/** Whose the trail made here is: an organisation's belongs to its management account, whoever makes it. */
export const trailOwner = ({ configuration: { trail, organization }, account }: Deployment): string =>
  (trail === 'organization' ? organization?.managementAccount : undefined) ?? account;

export const trailArn = (deployment: Deployment): string => {
  const { region, name } = deployment.configuration;
  return `arn:${Aws.PARTITION}:cloudtrail:${region}:${trailOwner(deployment)}:trail/${name}`;
};
