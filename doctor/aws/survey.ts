/**
 * What there is to cover in AWS: accounts, and in each its trails, regions, VPCs and flow logs. Reads names and settings,
 * no log. Members of an organisation are seen by the role that a deployment puts there.
 */

import { CloudTrailClient, DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import {
  DescribeRegionsCommand,
  EC2Client,
  paginateDescribeFlowLogs,
  paginateDescribeVpcs,
} from '@aws-sdk/client-ec2';
import { OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { awsError, CLIENT } from '../../connectors/delivery/aws.ts';
import { AkashiError } from '../../schema/error.ts';
import { pooled } from '../../vault/pool.ts';

/** One more attempt than the connectors' one: nothing here is asked again by hand. */
const SURVEY = { ...CLIENT, maxAttempts: 3 } as const;
const REGIONS_AT_ONCE = 4;

export interface Account {
  readonly id: string;
  readonly name: string;
}

export interface Trail {
  readonly arn: string;
  readonly name: string;
  readonly bucket: string;
  readonly organization: boolean;
  readonly everyRegion: boolean;
  readonly homeRegion: string;
  readonly digests: boolean;
  /** Null where it may not be asked. */
  readonly logging: boolean | null;
  readonly deliveryError: string | null;
}

export interface FlowLog {
  /** A VPC, subnet or interface. */
  readonly resource: string;
  readonly active: boolean;
  /** `s3://bucket` or the name of a log group. */
  readonly destination: string;
  readonly error: string | null;
}

export interface Region {
  readonly name: string;
  readonly vpcs: readonly string[];
  readonly flowLogs: readonly FlowLog[];
}

export interface AccountSurvey {
  readonly account: Account;
  /** Why it could not be looked into; null where it could. */
  readonly problem: string | null;
  readonly trails: readonly Trail[];
  readonly regions: readonly Region[];
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface Access {
  readonly region: string;
  /** Of a role that was taken on; the process's own where it is absent. */
  readonly credentials?: Credentials;
}

/** Active accounts of the organisation. Throws PULL_DENIED where this account may not list them. */
export async function organizationAccounts(region: string): Promise<Account[]> {
  const client = new OrganizationsClient({ ...SURVEY, region });
  const accounts: Account[] = [];
  try {
    for await (const { Accounts = [] } of paginateListAccounts({ client }, {}))
      for (const { Id, Name = '', Status, State } of Accounts)
        if (Id !== undefined && (State ?? Status) === 'ACTIVE') accounts.push({ id: Id, name: Name });
  } catch (error) {
    throw awsError(
      error,
      'listing the accounts of the organisation',
      'organizations:ListAccounts, in its management account or a delegated administrator’s',
    );
  } finally {
    client.destroy();
  }
  return accounts.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Looks into an account by a role there; into the own one without. Never throws: what fails is its problem. */
export async function surveyAccount(
  account: Account,
  region: string,
  role: string | null,
): Promise<AccountSurvey> {
  try {
    const access: Access = role === null ? { region } : { region, credentials: await assumed(role, region) };
    const [trails, regions] = await Promise.all([trailsOf(access), regionsOf(access)]);
    return { account, problem: null, trails, regions };
  } catch (error) {
    const problem = error instanceof AkashiError ? error.message : String(error);
    return { account, problem, trails: [], regions: [] };
  }
}

async function assumed(role: string, region: string): Promise<Credentials> {
  const client = new STSClient({ ...SURVEY, region });
  try {
    const request = new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'akashi-doctor' });
    const { Credentials: given } = await client.send(request);
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = given ?? {};
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
    };
  } catch (error) {
    throw awsError(error, `taking on ${role}`, 'sts:AssumeRole on it, and its trust in this account');
  } finally {
    client.destroy();
  }
}

async function trailsOf(access: Access): Promise<Trail[]> {
  const client = new CloudTrailClient({ ...SURVEY, ...access });
  try {
    const { trailList = [] } = await client.send(new DescribeTrailsCommand({ includeShadowTrails: true }));
    return await Promise.all(
      trailList.map(async (trail) => {
        const arn = trail.TrailARN ?? '';
        const status = await client.send(new GetTrailStatusCommand({ Name: arn })).catch(() => null);
        return {
          arn,
          name: trail.Name ?? arn,
          bucket: trail.S3BucketName ?? '',
          organization: trail.IsOrganizationTrail === true,
          everyRegion: trail.IsMultiRegionTrail === true,
          homeRegion: trail.HomeRegion ?? '',
          digests: trail.LogFileValidationEnabled === true,
          logging: status === null ? null : status.IsLogging === true,
          deliveryError: status?.LatestDeliveryError || null,
        };
      }),
    );
  } catch (error) {
    throw awsError(error, 'looking at trails', 'cloudtrail:DescribeTrails and cloudtrail:GetTrailStatus');
  } finally {
    client.destroy();
  }
}

async function regionsOf(access: Access): Promise<Region[]> {
  const client = new EC2Client({ ...SURVEY, ...access });
  try {
    const { Regions = [] } = await client.send(new DescribeRegionsCommand({}));
    const names = Regions.flatMap(({ RegionName }) => (RegionName === undefined ? [] : [RegionName])).sort();
    return await pooled(names, REGIONS_AT_ONCE, (region) => networksOf({ ...access, region }));
  } catch (error) {
    throw awsError(
      error,
      'looking at regions',
      'ec2:DescribeRegions, ec2:DescribeVpcs and ec2:DescribeFlowLogs',
    );
  } finally {
    client.destroy();
  }
}

async function networksOf(access: Access): Promise<Region> {
  const client = new EC2Client({ ...SURVEY, ...access });
  const vpcs: string[] = [];
  const flowLogs: FlowLog[] = [];
  try {
    for await (const { Vpcs = [] } of paginateDescribeVpcs({ client }, {}))
      for (const { VpcId } of Vpcs) if (VpcId !== undefined) vpcs.push(VpcId);
    // An account without a VPC in a region is not asked for flow logs there.
    if (vpcs.length > 0)
      for await (const { FlowLogs = [] } of paginateDescribeFlowLogs({ client }, {}))
        for (const one of FlowLogs)
          flowLogs.push({
            resource: one.ResourceId ?? '',
            active: one.FlowLogStatus === 'ACTIVE',
            destination:
              one.LogDestinationType === 's3'
                ? `s3://${(one.LogDestination ?? '').replace(/^arn:[^:]*:s3:::/, '').split('/')[0]}`
                : (one.LogGroupName ?? one.LogDestination ?? ''),
            error: one.DeliverLogsErrorMessage || null,
          });
  } finally {
    client.destroy();
  }
  return { name: access.region, vpcs: vpcs.sort(), flowLogs };
}
