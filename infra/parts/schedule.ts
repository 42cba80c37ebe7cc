/** Schedules of EventBridge that start functions; what they could not deliver is kept. */

import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import type { AuditFunction } from './function.ts';
import { allow } from './permission.ts';

export interface ScheduleProps {
  readonly function: AuditFunction;
  /** One a schedule: its name below the deployment's, minutes between two runs, and the event. */
  readonly runs: readonly { readonly name: string; readonly everyMinutes: number; readonly event: object }[];
  readonly failed: Queue;
}

/** Retries of the call itself; the function's own are its affair. */
const RETRIES = 3;
const MAX_AGE_SECONDS = 3600;

export class Schedules extends Construct {
  constructor(scope: Construct, id: string, deployment: Deployment, props: ScheduleProps) {
    super(scope, id);
    const { function: started, failed, runs } = props;
    const groupName = `${deployment.configuration.name}-${started.facts.name}`;
    const group = new CfnScheduleGroup(this, 'Group', { name: groupName });
    const role = new Role(this, 'Role', {
      description: `Starts ${started.facts.name} on schedule`,
      // Only schedules of this group, so that nobody else's schedule borrows the role.
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': deployment.account,
            'aws:SourceArn': deployment.arn('scheduler', `schedule-group/${groupName}`),
          },
        },
      }),
    });
    const policy = allow(this, 'May', role, [
      { actions: ['lambda:InvokeFunction'], resources: [started.function.functionArn] },
      { actions: ['sqs:SendMessage'], resources: [failed.queueArn] },
    ]);
    for (const { name, everyMinutes, event } of runs) {
      const schedule = new CfnSchedule(this, name, {
        name,
        groupName,
        description: started.facts.does,
        scheduleExpression: `rate(${everyMinutes} ${everyMinutes === 1 ? 'minute' : 'minutes'})`,
        flexibleTimeWindow: { mode: 'OFF' },
        target: {
          arn: started.function.functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify(event),
          retryPolicy: { maximumRetryAttempts: RETRIES, maximumEventAgeInSeconds: MAX_AGE_SECONDS },
          deadLetterConfig: { arn: failed.queueArn },
        },
      });
      schedule.addResourceDependency(group);
      if (policy !== null) schedule.node.addDependency(policy);
    }
  }
}
