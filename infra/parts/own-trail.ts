/** A CloudTrail trail of this deployment: all regions, with digests, into a bucket that tells the queue of each object. */

import { Duration } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Deployment, trailArn, trailOwner } from '../deployment.ts';
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
      // CloudTrail asks for a key for each object, as its page on key policies has it.
      bucketKeyEnabled: false,
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
    for (const statement of deliveries(deployment)) bucket.addToResourcePolicy(statement);
    const organization = configuration.trail === 'organization' ? configuration.organization : undefined;
    // CDK's own class says in the bucket's policy that an organisation's trail is this account's, which it need not be.
    const trail = new CfnTrail(this, 'Trail', {
      trailName: configuration.name,
      s3BucketName: bucket.bucketName,
      ...(configuration.encryption === 'kms' ? { kmsKeyId: key.keyArn } : {}),
      enableLogFileValidation: true,
      isLogging: true,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      ...(organization === undefined ? {} : { isOrganizationTrail: true }),
    });
    trail.node.addDependency(bucket);
  }
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
function deliveries(deployment: Deployment): PolicyStatement[] {
  const { configuration, bucketArn } = deployment;
  const { trail, organization } = configuration;
  const arn = trailArn(deployment);
  const statement = (sid: string, action: string, resources: string[], more: Record<string, string> = {}) =>
    new PolicyStatement({
      sid,
      principals: [new ServicePrincipal('cloudtrail.amazonaws.com')],
      actions: [action],
      resources,
      conditions: { StringEquals: { 'aws:SourceArn': arn, ...more } },
    });
  const folders = [trailOwner(deployment), ...(trail === 'organization' ? [organization!.id] : [])];
  return [
    statement('TrailAsks', 's3:GetBucketAcl', [bucketArn('trail')]),
    statement(
      'TrailDelivers',
      's3:PutObject',
      folders.map((folder) => `${bucketArn('trail')}/AWSLogs/${folder}/*`),
      { 's3:x-amz-acl': 'bucket-owner-full-control' },
    ),
  ];
}
