/** What was acted on: the record's `resources`, then the parameters that name a resource. */

import type { AuditEvent } from '../../schema/columns.ts';
import { isObject, type JsonObject, text } from '../parts/value.ts';

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

/** Place in PARAMETERS by name: looking up a request's few members beats looking for 40 names in it. */
const RANKS = new Map(PARAMETERS.map(([parameter], rank) => [parameter, rank]));

/** Requests can be long lists; targets are for finding, not for keeping. */
const MAX_TARGETS = 100;
const MAX_DEPTH = 8;
/** Values looked at in one record; a request of a million members names its targets among the first. */
const MAX_VALUES = 5000;

/** Sets target_type, target_id, target_name and targets. */
export function setTargets(event: AuditEvent, record: JsonObject, lookup: JsonObject): void {
  const walk: Walk = { found: [], values: 0 };
  const { found } = walk;
  addResources(event, record['resources'], found);
  addResources(event, lookup['Resources'], found);
  const request = record['requestParameters'];
  if (isObject(request)) addParameters(event, request, found);
  collect(request, 0, walk);
  collect(record['responseElements'], 0, walk);
  if (event.target_id === null && found.length > 0) {
    event.target_id = found[0]!;
    event.target_name = nameOf(found[0]!);
  }
  if (found.length > 0) event.targets = found;
}

/** `resources` of a record (`ARN`, `type`), or of LookupEvents (`ResourceName`, `ResourceType`). */
function addResources(event: AuditEvent, resources: unknown, found: string[]): void {
  if (!Array.isArray(resources)) return;
  for (const entry of resources as readonly unknown[]) {
    if (!isObject(entry)) continue;
    const id =
      text(entry['ARN']) ??
      text(entry['ARNPrefix']) ??
      text(entry['resourceName']) ??
      text(entry['ResourceName']);
    if (id === null) continue;
    if (event.target_id === null) {
      event.target_id = id;
      event.target_type = text(entry['type']) ?? text(entry['ResourceType']);
      event.target_name = nameOf(id);
    }
    add(found, id);
  }
}

function addParameters(event: AuditEvent, request: JsonObject, found: string[]): void {
  const ranks: number[] = [];
  for (const key in request) {
    const rank = RANKS.get(key);
    if (rank !== undefined) ranks.push(rank);
  }
  if (ranks.length > 1) ranks.sort((a, b) => a - b);
  for (const rank of ranks) {
    const [parameter, type] = PARAMETERS[rank]!;
    const value = request[parameter];
    if (typeof value !== 'string' || value === '') continue;
    if (event.target_id === null) {
      event.target_id = value;
      event.target_type = type === '' ? null : type;
      event.target_name = nameOf(value);
    }
    add(found, value);
  }
}

interface Walk {
  readonly found: string[];
  values: number;
}

/** ARNs anywhere in the value, and ids of EC2's own form (`i-0abc…`, `sg-…`) where lists of them stand. */
function collect(value: unknown, depth: number, walk: Walk): void {
  if (typeof value === 'string') {
    const { length } = value;
    if (length >= 10 && length <= 2048 && (isArn(value) || isEc2Id(value))) add(walk.found, value);
    return;
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  if (walk.found.length >= MAX_TARGETS || walk.values > MAX_VALUES) return;
  if (Array.isArray(value)) {
    walk.values += value.length;
    for (const item of value) collect(item, depth + 1, walk);
  } else {
    for (const key in value) {
      walk.values++;
      const member = (value as JsonObject)[key];
      // Most members are short text or numbers; they are not worth a call.
      if (typeof member === 'object' || (typeof member === 'string' && member.length >= 10)) {
        collect(member, depth + 1, walk);
      }
    }
  }
}

function isArn(text: string): boolean {
  return text.charCodeAt(0) === 0x61 && text.startsWith('arn:');
}

/** A word, a hyphen and 8 or 17 hexadecimal digits; the hyphen is looked for first, as it costs least. */
function isEc2Id(text: string): boolean {
  const { length } = text;
  if (length > 28) return false;
  if (text.charCodeAt(length - 18) !== 0x2d && text.charCodeAt(length - 9) !== 0x2d) return false;
  return /^[a-z]{1,10}-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(text);
}

function add(found: string[], id: string): void {
  if (found.length < MAX_TARGETS && !found.includes(id)) found.push(id);
}

/** What follows the last slash or colon of an ARN's resource, or the text itself when it is no ARN. */
function nameOf(id: string): string {
  if (!isArn(id)) return id;
  let resource = 0;
  for (let colons = 0; colons < 5; colons++) {
    resource = id.indexOf(':', resource) + 1;
    if (resource === 0) return id;
  }
  const slash = id.lastIndexOf('/') + 1;
  const name = id.slice(slash > resource ? slash : id.lastIndexOf(':') + 1);
  return name === '' ? id.slice(resource) : name;
}
