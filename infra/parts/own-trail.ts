/** A CloudTrail trail of this deployment: all regions, with digests, into a bucket that tells the queue of each object. */

import { Duration } from 'aws-cdk-lib';
import { Trail } from 'aws-cdk-lib/aws-cloudtrail';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { privateBucket } from './bucket.ts';

/** The vault holds every byte long before, days. */
const DELIVERED_DAYS = 90;

export class OwnTrail extends Construct {
  constructor(
    scope: Construct,
    id: string,
    deployment: Deployment,
    { key, logs, queue }: { readonly key: Key; readonly logs: IBucket; readonly queue: Queue },
  ) {
    super(scope, id);
    const { configuration } = deployment;
    const bucket = privateBucket(this, 'Bucket', deployment, 'trail', {
      key,
      logs,
      lifecycleRules: [
        {
          id: 'preserved',
          expiration: Duration.days(DELIVERED_DAYS),
          noncurrentVersionExpiration: Duration.days(DELIVERED_DAYS),
        },
      ],
    });
    // Written out, since CDK's own way is a function with a role of its own that may change any bucket.
    (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      queueConfigurations: [{ event: 's3:ObjectCreated:*', queue: queue.queueArn }],
    };
    // S3 sends a test message at once, and refuses a queue that does not take it.
    bucket.node.addDependency(queue.node.findChild('Policy'));
    const organization = configuration.trail === 'organization' ? configuration.organization : undefined;
    new Trail(this, 'Trail', {
      trailName: configuration.name,
      bucket: bucket as unknown as IBucket,
      ...(configuration.encryption === 'kms' ? { encryptionKey: key } : {}),
      enableFileValidation: true,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      ...(organization === undefined ? {} : { isOrganizationTrail: true, orgId: organization.id }),
    });
  }
}
