/** The one role of a deployment that reads from other clouds. */

import type { Configuration } from '../infra/configuration.ts';
import { functionName, roleArn as roleNamed } from '../infra/names.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html#arns-syntax */
const PARTITIONS = { cn: 'aws-cn', 'us-gov': 'aws-us-gov', eusc: 'aws-eusc' } as const;

export interface Collector {
  readonly account: string;
  readonly partition: string;
  /** Name of the role of the function `collect`. */
  readonly role: string;
  /** As IAM and the tokens of STS name it. */
  readonly arn: string;
}

export function collectorOf(configuration: Configuration, account: string): Collector {
  const { region } = configuration;
  const [, partition = 'aws'] =
    Object.entries(PARTITIONS).find(([prefix]) => region.startsWith(`${prefix}-`)) ?? [];
  const arn = roleNamed(configuration, 'collect', account, partition);
  return { account, partition, role: functionName(configuration, 'collect'), arn };
}

/** As GetCallerIdentity names it, without its session: what Google's AWS providers call `attribute.aws_role`. */
export const assumedRoleArn = ({ account, partition, role }: Collector): string =>
  `arn:${partition}:sts::${account}:assumed-role/${role}`;
