import { afterAll, expect, test } from 'vitest';
import { runQuery } from '../../engine/query.ts';
import { OCSF_VIEWS } from '../../engine/views/ocsf.ts';
import { TestLake } from './lake.ts';

const lake = new TestLake();
afterAll(() => lake.remove());

test('a query names the views of OCSF classes like any other, and reaches into their structure', async () => {
  await lake.add('events', [
    {
      time: '2026-01-31 10:00:00Z',
      uid: 'e1',
      source: 'azure.signin',
      cloud: 'azure',
      class: 'Authentication',
      class_uid: 3002,
      activity: 'Logon',
      type_uid: 300201,
      actor_name: 'alice@example.com',
      src_ip: '192.0.2.1',
      mfa: true,
      ocsf_extra: '{"service":{"name":"Portal"},"src_endpoint":{"location":{"city":"Oslo"}}}',
      evidence: 'aa',
      locator: 'row=1',
    },
  ]);
  const others = OCSF_VIEWS.filter(({ view }) => view !== 'ocsf_authentication').map(({ view }) => view);
  const answer = await runQuery({
    sql: `select user.name, service.name as service, src_endpoint.location.city, is_mfa, metadata.profiles,
        observables[1].value, unmapped.evidence,
        (select count(*) from (${others.map((view) => `select class_uid from ${view}`).join(' union all ')})) as others
      from ocsf_authentication where time_dt >= '2026-01-31' and src_endpoint.ip = '192.0.2.1'`,
    snapshot: lake.snapshot,
    views: [],
  });
  const rows: unknown[] = [];
  for await (const batch of answer) rows.push(...batch);
  expect(rows).toEqual([
    ['alice@example.com', 'Portal', 'Oslo', true, ['cloud', 'datetime'], '192.0.2.1', 'aa', 0],
  ]);
});
