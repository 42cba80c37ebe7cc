/** One operation, several actions: what was asked decides. Requests are small forms of the examples in the vendors' pages. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refineAction } from '../../../schema/actions/refine.ts';
import { resolveAction } from '../../../schema/actions/resolve.ts';
import { allActions } from '../../../schema/actions/table.ts';
import { classify } from '../../../schema/classify.ts';
import { newEvent } from '../../../schema/columns.ts';

function classified(source: string, service: string, operation: string, request: object | null) {
  const event = Object.assign(newEvent(), {
    source,
    service,
    operation,
    time: 1,
    src_ip: '192.0.2.1',
    actor_name: 'ana',
    request: request === null ? null : JSON.stringify(request),
  });
  classify(event);
  return event;
}

const google = (request: object | null) =>
  classified('gcp.audit', 'compute.googleapis.com', 'v1.compute.subnetworks.patch', request);
const azure = (request: object) =>
  classified(
    'azure.activity',
    'Microsoft.Network',
    'Microsoft.Network/networkWatchers/flowLogs/write',
    request,
  );

describe('flow logs that are turned off are one action in three clouds', () => {
  const deleted = classified('aws.cloudtrail', 'ec2.amazonaws.com', 'DeleteFlowLogs', {}).action;

  test.each([
    ['Google, by the subnet', google({ enableFlowLogs: false, fingerprint: 'x' })],
    ['Google, by the subnet as it is written now', google({ logConfig: { enable: false } })],
    ['Azure, written as not enabled', azure({ properties: { enabled: false } })],
    [
      'Azure, deleted',
      classified(
        'azure.activity',
        'Microsoft.Network',
        'Microsoft.Network/networkWatchers/flowLogs/delete',
        {},
      ),
    ],
  ])('%s', (_, event) => {
    expect(event.action).toBe(deleted);
    expect(event.action).toBe('logging.flow_log.delete');
    expect([event.class, event.activity, event.read_only]).toEqual(['API Activity', 'Delete', false]);
  });

  test('turned on is another, and a subnet changed otherwise is a subnet changed', () => {
    expect(google({ logConfig: { enable: true } }).action).toBe('logging.flow_log.create');
    expect(azure({ properties: { enabled: true } }).action).toBe('logging.flow_log.create');
    expect(google({ privateIpGoogleAccess: true }).action).toBe('network.subnet.update');
    expect(google(null).action).toBe('network.subnet.update');
  });
});

test('both ends of every refinement are in the tables', () => {
  const known = new Set(allActions().map(({ action }) => action));
  const text = readFileSync(new URL('../../../schema/actions/rules/refined.csv', import.meta.url), 'utf8');
  const rows = text.trim().split('\n').slice(1);
  expect(rows.length).toBeGreaterThan(4);
  for (const [action, , , refined] of rows.map((row) => row.split(',')))
    expect([known.has(action!), known.has(refined!)]).toEqual([true, true]);
});

test('any request leaves an action of the tables', () => {
  const resolved = resolveAction({
    source: 'gcp.audit',
    service: 'compute.googleapis.com',
    operation: 'v1.compute.subnetworks.patch',
  });
  const wanted = ['network.subnet.update', 'logging.flow_log.delete', 'logging.flow_log.create'];
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.constant('{"logConfig":null}')), (request) => {
      expect(wanted).toContain(refineAction(resolved, request).action);
    }),
  );
});
