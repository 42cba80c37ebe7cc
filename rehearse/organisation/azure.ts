/** Azure: the Activity Log in blobs that grow through the hour, sign-ins in a workspace. */

import type { Random } from '../../bench/random.ts';
import { ACTIVITY_CONTAINER, eventTime, expectId, type Hour, type Plan, TENANT } from './plan.ts';

const SUBSCRIPTIONS = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002'];
const OPERATIONS = [
  'MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE',
  'MICROSOFT.COMPUTE/VIRTUALMACHINES/START/ACTION',
  'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE',
  'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE',
  'MICROSOFT.KEYVAULT/VAULTS/DELETE',
];

function line(r: Random, millis: number, subscription: string, id: string): string {
  return `${JSON.stringify({
    time: new Date(millis).toISOString(),
    resourceId: `/SUBSCRIPTIONS/${subscription.toUpperCase()}/RESOURCEGROUPS/RG-${r.below(20)}/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM-${r.below(200)}`,
    operationName: r.skewed(OPERATIONS),
    category: 'Administrative',
    resultType: r.next() < 0.95 ? 'Success' : 'Failure',
    callerIpAddress: `198.51.100.${r.below(256)}`,
    // The id by which it is found again: an export names none of the event's own.
    correlationId: id,
    identity: { claims: { name: `Person ${r.below(50)}` } },
    level: 'Information',
    properties: { statusCode: 'OK' },
  })}\n`;
}

export function planActivity(plan: Plan, hour: Hour, r: Random, perSecond: number): void {
  let made = 0;
  for (let at = 0; at < hour.seconds; at += 2) {
    const time = eventTime(hour, at);
    const [day = '', clock = ''] = new Date(time).toISOString().split('T');
    const [year, month, date] = day.split('-');
    for (const subscription of SUBSCRIPTIONS) {
      const count = Math.max(1, Math.round(perSecond));
      const lines = Array.from({ length: count }, () => {
        const id = `activity-${hour.seed}-${made++}`;
        expectId(plan.expected.events, 'azure.activity', id);
        return line(r, time + r.below(1000), subscription, id);
      });
      plan.deliveries.push({
        at,
        kind: 'blob',
        container: ACTIVITY_CONTAINER,
        name: `resourceId=/SUBSCRIPTIONS/${subscription.toUpperCase()}/y=${year}/m=${month}/d=${date}/h=${clock.slice(0, 2)}/m=00/PT1H.json`,
        text: lines.join(''),
      });
    }
  }
}

/** https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/signinlogs */
export function planSignIns(plan: Plan, hour: Hour, r: Random, perSecond: number): void {
  let made = 0;
  for (let at = 0; at < hour.seconds; at++) {
    const count = Math.floor(perSecond * (at + 1)) - Math.floor(perSecond * at);
    const cells = Array.from({ length: count }, () => {
      const id = `signin-${hour.seed}-${made++}`;
      expectId(plan.expected.events, 'azure.signin', id);
      return {
        // Some are ingested long after they happened.
        TimeGenerated: new Date(
          eventTime(hour, at) - (r.next() < 0.05 ? r.below(3_000_000) : 0),
        ).toISOString(),
        Id: id,
        UserPrincipalName: `person${r.below(50)}@example.com`,
        UserId: `00000000-0000-0000-0000-${r.hex(12)}`,
        AppDisplayName: r.skewed(['Azure Portal', 'Microsoft Teams', 'Azure CLI']),
        IPAddress: `192.0.2.${r.below(256)}`,
        ResultType: r.next() < 0.9 ? '0' : '50126',
        CorrelationId: `s-${r.hex(24)}`,
        AADTenantId: TENANT,
        Type: 'SigninLogs',
      };
    });
    if (count > 0) plan.deliveries.push({ at, kind: 'rows', table: 'SigninLogs', cells });
  }
}
