/** What happened and how it ended, where the vendor says it in more than one place. */

import { expect, test } from 'vitest';
import { connectorById } from '../../connectors/registry.ts';
import type { AuditEvent } from '../../schema/columns.ts';
import { readBody } from './read-body.ts';

async function eventOf(source: string, record: object): Promise<AuditEvent> {
  const [first] = await readBody(connectorById(source)!, Buffer.from(JSON.stringify(record)));
  if (first?.outcome.kind !== 'event') throw new Error(`no event: ${JSON.stringify(first?.outcome)}`);
  return first.outcome.event;
}

/** https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog#AuthorizationInfo */
test.each([
  ['every permission refused', { authorizationInfo: [{ granted: false }] }, 'failure'],
  ['one of several granted', { authorizationInfo: [{ granted: false }, { granted: true }] }, 'success'],
  ['not said whether granted', { authorizationInfo: [{ permission: 'storage.buckets.get' }] }, 'success'],
  ['nothing checked', { authorizationInfo: [] }, 'success'],
  [
    'refused, and yet a status of OK',
    { authorizationInfo: [{ granted: false }], status: { code: 0 } },
    'success',
  ],
  ['granted, and yet an error', { authorizationInfo: [{ granted: true }], status: { code: 5 } }, 'failure'],
])('Google: %s', async (_, payload, status) => {
  const event = await eventOf('gcp.audit', {
    logName: 'projects/p/logs/cloudaudit.googleapis.com%2Fdata_access',
    timestamp: '2024-01-10T08:00:00Z',
    insertId: 'i',
    protoPayload: { serviceName: 'storage.googleapis.com', methodName: 'storage.buckets.get', ...payload },
  });
  expect(event.status).toBe(status);
});

test('a directory audit is called as its envelope calls it, and as Graph does without one', async () => {
  const properties = {
    id: 'd-1',
    activityDateTime: '2024-01-10T08:00:00Z',
    activityDisplayName: 'Remove role assignment',
    loggedByService: 'Core Directory',
    initiatedBy: { user: { id: 'o-1', userPrincipalName: 'ana@example.com' } },
    targetResources: [],
  };
  const envelope = {
    time: '2024-01-10T08:00:00Z',
    category: 'AuditLogs',
    operationName: 'Delete role assignment',
  };
  expect((await eventOf('azure.audit', { ...envelope, properties })).operation).toBe(
    'Delete role assignment',
  );
  expect((await eventOf('azure.audit', properties)).operation).toBe('Remove role assignment');
});
