/**
 * A role in member accounts that sees what there is to cover and no log: `akashi doctor` takes it on. Accounts that join
 * the named units get it by themselves.
 */

import { Aws, CfnStackSet } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { surveyRoleName } from '../names.ts';

/** Names and settings of what could be logged; nothing that was logged. */
export const SURVEY_ACTIONS = [
  'cloudtrail:DescribeTrails',
  'cloudtrail:GetTrailStatus',
  'ec2:DescribeFlowLogs',
  'ec2:DescribeRegions',
  'ec2:DescribeVpcs',
] as const;

export class Survey extends Construct {
  constructor(scope: Construct, id: string, { configuration, account }: Deployment) {
    super(scope, id);
    const { organization, region } = configuration;
    if (organization?.units === undefined) return;
    new CfnStackSet(this, 'Members', {
      stackSetName: surveyRoleName(configuration),
      description: `Lets ${configuration.name} see what there is to cover`,
      permissionModel: 'SERVICE_MANAGED',
      autoDeployment: { enabled: true, retainStacksOnAccountRemoval: false },
      callAs:
        organization.managementAccount === undefined ||
        organization.managementAccount === configuration.account
          ? 'SELF'
          : 'DELEGATED_ADMIN',
      capabilities: ['CAPABILITY_NAMED_IAM'],
      managedExecution: { Active: true },
      operationPreferences: { failureTolerancePercentage: 100, maxConcurrentPercentage: 100 },
      stackInstancesGroup: [
        { regions: [region], deploymentTargets: { organizationalUnitIds: [...organization.units] } },
      ],
      templateBody: JSON.stringify(template(surveyRoleName(configuration), organization.id)),
      parameters: [
        { parameterKey: 'Account', parameterValue: account },
        { parameterKey: 'Partition', parameterValue: Aws.PARTITION },
      ],
    });
  }
}

/** What each member account gets. */
const template = (roleName: string, organization: string) => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Parameters: { Account: { Type: 'String' }, Partition: { Type: 'String' } },
  Resources: {
    Survey: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: roleName,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: {
                AWS: {
                  'Fn::Join': ['', ['arn:', { Ref: 'Partition' }, ':iam::', { Ref: 'Account' }, ':root']],
                },
              },
              Action: 'sts:AssumeRole',
              Condition: { StringEquals: { 'aws:PrincipalOrgID': organization } },
            },
          ],
        },
        Policies: [
          {
            PolicyName: 'survey',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: [...SURVEY_ACTIONS], Resource: '*' }],
            },
          },
        ],
      },
    },
  },
});
