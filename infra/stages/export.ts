/** EXPORT: evidence packages, tables for other engines and answers of Athena, in a bucket of their own. */

import { CfnOutput, Duration } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ATHENA_PREFIX, PACKAGES_PREFIX } from '../names.ts';
import { privateBucket } from '../parts/bucket.ts';
import type { AuditFunction } from '../parts/function.ts';
import type { StageProps } from './normalise.ts';

const ANSWERS_DAYS = 30;
const EARLIER_DAYS = 30;

export class Export extends Construct {
  readonly exports: Bucket;
  readonly export: AuditFunction;

  constructor(
    scope: Construct,
    id: string,
    { deployment, preserve, functions, wakeUrl }: StageProps,
    key: Key,
  ) {
    super(scope, id);
    this.exports = privateBucket(this, 'Exports', deployment, 'exports', {
      key,
      logs: preserve.logs,
      lifecycleRules: [
        { id: 'answers', prefix: ATHENA_PREFIX, expiration: Duration.days(ANSWERS_DAYS) },
        { id: 'earlier', noncurrentVersionExpiration: Duration.days(EARLIER_DAYS) },
      ],
    });
    const packages = `s3://${deployment.bucket('exports')}/${PACKAGES_PREFIX}`;
    this.export = functions.make(this, 'export', {
      AKASHI_LAKE: preserve.lake,
      AKASHI_WAKE_QUEUE: wakeUrl,
      AKASHI_EXPORTS: packages,
    });
    new CfnOutput(this, 'Packages', { description: 'Where evidence packages are put', value: packages });
  }
}
