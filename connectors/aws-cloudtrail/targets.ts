/** What was acted on: the record's `resources`, then the parameters that name a resource. */

import type { AuditEvent } from '../../schema/columns.ts';
import { array, type JsonObject, object, text } from '../parts/value.ts';

/** Parameters that name one resource, the most specific first, and the CloudFormation type of what they name. */
const PARAMETERS: readonly (readonly [string, string])[] = [
  ['accessKeyId', 'AWS::IAM::AccessKey'],
  ['policyArn', 'AWS::IAM::ManagedPolicy'],
  ['userName', 'AWS::IAM::User'],
  ['roleArn', 'AWS::IAM::Role'],
  ['roleName', 'AWS::IAM::Role'],
  ['groupName', 'AWS::IAM::Group'],
  ['instanceProfileName', 'AWS::IAM::InstanceProfile'],
  ['sAMLProviderArn', 'AWS::IAM::SAMLProvider'],
  ['openIDConnectProviderArn', 'AWS::IAM::OIDCProvider'],
  ['bucketName', 'AWS::S3::Bucket'],
  ['keyId', 'AWS::KMS::Key'],
  ['secretId', 'AWS::SecretsManager::Secret'],
  ['functionName', 'AWS::Lambda::Function'],
  ['trailName', 'AWS::CloudTrail::Trail'],
  ['detectorId', 'AWS::GuardDuty::Detector'],
  ['snapshotId', 'AWS::EC2::Snapshot'],
  ['volumeId', 'AWS::EC2::Volume'],
  ['imageId', 'AWS::EC2::Image'],
  ['instanceId', 'AWS::EC2::Instance'],
  ['groupId', 'AWS::EC2::SecurityGroup'],
  ['networkAclId', 'AWS::EC2::NetworkAcl'],
  ['routeTableId', 'AWS::EC2::RouteTable'],
  ['subnetId', 'AWS::EC2::Subnet'],
  ['vpcId', 'AWS::EC2::VPC'],
  ['keyName', 'AWS::EC2::KeyPair'],
  ['dBInstanceIdentifier', 'AWS::RDS::DBInstance'],
  ['dBClusterIdentifier', 'AWS::RDS::DBCluster'],
  ['dBSnapshotIdentifier', 'AWS::RDS::DBSnapshot'],
  ['tableName', 'AWS::DynamoDB::Table'],
  ['queueUrl', 'AWS::SQS::Queue'],
  ['topicArn', 'AWS::SNS::Topic'],
  ['stackName', 'AWS::CloudFormation::Stack'],
  ['clusterName', 'AWS::EKS::Cluster'],
  ['repositoryName', 'AWS::ECR::Repository'],
  ['logGroupName', 'AWS::Logs::LogGroup'],
  ['alarmName', 'AWS::CloudWatch::Alarm'],
  ['ruleName', 'AWS::Events::Rule'],
  ['hostedZoneId', 'AWS::Route53::HostedZone'],
  ['resourceArn', ''],
  ['resourceId', ''],
  ['target', ''],
  ['name', ''],
];

/** Requests can be long lists; targets are for finding, not for keeping. */
const MAX_TARGETS = 100;
const MAX_DEPTH = 8;

/** Sets target_type, target_id, target_name and targets. */
export function setTargets(event: AuditEvent, record: JsonObject, lookup: JsonObject): void {
  const request = object(record['requestParameters']);
  const found: string[] = [];

  for (const entry of [...array(record['resources']), ...array(lookup['Resources'])]) {
    const resource = object(entry);
    const id =
      text(resource['ARN']) ??
      text(resource['ARNPrefix']) ??
      text(resource['resourceName']) ??
      text(resource['ResourceName']);
    if (id === null) continue;
    if (event.target_id === null) {
      event.target_id = id;
      event.target_type = text(resource['type']) ?? text(resource['ResourceType']);
      event.target_name = nameOf(id);
    }
    add(found, id);
  }

  for (const [parameter, type] of PARAMETERS) {
    const value = request[parameter];
    if (typeof value !== 'string' || value === '') continue;
    if (event.target_id === null) {
      event.target_id = value;
      event.target_type = type === '' ? null : type;
      event.target_name = nameOf(value);
    }
    add(found, value);
  }

  collect(request, 0, found);
  collect(record['responseElements'], 0, found);
  if (event.target_id === null && found.length > 0) {
    event.target_id = found[0]!;
    event.target_name = nameOf(found[0]!);
  }
  if (found.length > 0) event.targets = found;
}

/** ARNs anywhere in the value, and ids of EC2's own form (`i-0abc…`, `sg-…`) where lists of them stand. */
function collect(value: unknown, depth: number, found: string[]): void {
  if (typeof value === 'string') {
    if (value.length >= 10 && value.length <= 2048 && (value.startsWith('arn:') || isEc2Id(value)))
      add(found, value);
    return;
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH || found.length >= MAX_TARGETS) return;
  if (Array.isArray(value)) for (const item of value) collect(item, depth + 1, found);
  else for (const key in value) collect((value as JsonObject)[key], depth + 1, found);
}

function isEc2Id(text: string): boolean {
  return text.length <= 40 && /^[a-z]{1,10}-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(text);
}

function add(found: string[], id: string): void {
  if (found.length < MAX_TARGETS && !found.includes(id)) found.push(id);
}

/** Last part of an ARN's resource, or the text itself. `arn:aws:s3:::bucket/key` keeps the key's own slashes out. */
function nameOf(id: string): string {
  if (!id.startsWith('arn:')) return id;
  const resource = id.split(':').slice(5).join(':');
  const slash = resource.lastIndexOf('/');
  const name = slash >= 0 ? resource.slice(slash + 1) : resource.slice(resource.lastIndexOf(':') + 1);
  return name === '' ? resource : name;
}
