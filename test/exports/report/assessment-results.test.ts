/** The structure of OSCAL assessment results, as far as it can be told without the schema; the slow suite has that. */

import { expect, test } from 'vitest';
import { assessmentResults } from '../../../exports/report/assessment-results.ts';
import type { ReportContext } from '../../../exports/report/context.ts';
import { uuidOf } from '../../../exports/report/uuid.ts';

const UUID_5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TOKEN = /^[\p{L}_][\p{L}\p{N}._-]*$/u;

const context = {
  state: {
    head: '3-abc',
    instant: '2026-10-01T00:00:00.000Z',
    ledger: { size: 9, root: 'ff', origin: 'lake.example.com' },
  },
  period: { from: new Date('2026-09-01'), to: new Date('2026-10-01') },
} as unknown as ReportContext;

const make = (remarks = 'r', bytes = 'a') =>
  assessmentResults(
    context,
    {
      title: 'A standard',
      standard: 'https://example.com/standard',
      observations: [
        {
          control: 'pci-10.2.1.4',
          title: 't',
          description: 'd',
          methods: ['EXAMINE'],
          figures: [{ id: '10.2.1.4/access-refused/rows', name: 'refused', value: 3, origin: 'from-x' }],
          evidence: ['report.json'],
          remarks,
        },
      ],
      log: [{ title: 'Verification', description: 'bytes: nothing wrong', at: '2026-09-30T00:00:00.000Z' }],
    },
    [{ path: 'report.json', bytes: Buffer.from(bytes) }],
  ) as { 'assessment-results': Record<string, never> };

/** All values of a member, wherever it is. */
function valuesOf(value: unknown, member: string): unknown[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, own]) => [
    ...(name === member ? [own] : []),
    ...valuesOf(own, member),
  ]);
}

test('it has observations and no findings: whether a control is satisfied is the assessor’s word', () => {
  const document = make();
  expect(valuesOf(document, 'findings')).toEqual([]);
  expect(valuesOf(document, 'status')).toEqual([{ state: 'operational' }, { state: 'operational' }]);
  expect(valuesOf(document, 'observations')[0]).toHaveLength(1);
});

test('its UUIDs are unique, of version 5, and every reference leads to one', () => {
  const document = make();
  const uuids = valuesOf(document, 'uuid') as string[];
  expect(new Set(uuids).size).toBe(uuids.length);
  for (const uuid of uuids) expect(uuid).toMatch(UUID_5);
  const hrefs = (valuesOf(document, 'href') as string[]).filter((href) => href.startsWith('#'));
  expect(hrefs.length).toBeGreaterThan(1);
  for (const href of hrefs) expect(uuids).toContain(href.slice(1));
  for (const name of ['actor-uuid', 'subject-uuid'])
    for (const uuid of valuesOf(document, name)) expect(uuids).toContain(uuid);
});

test('the same report has the same UUIDs, and another has others', () => {
  expect(make()).toEqual(make());
  const root = (document: object) => (valuesOf(document, 'uuid') as string[])[0];
  expect(root(make('r', 'b'))).not.toBe(root(make('r', 'a')));
});

test('files are named with their SHA-256, controls and classes by tokens', () => {
  const document = make();
  expect(valuesOf(document, 'hashes')).toEqual([
    // printf a | sha256sum
    [{ algorithm: 'SHA-256', value: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' }],
  ]);
  for (const token of [...valuesOf(document, 'control-id'), ...valuesOf(document, 'class')])
    expect(token).toMatch(TOKEN);
});

test('UUIDs by name are those of RFC 9562', () => {
  expect(uuidOf('a')).toMatch(UUID_5);
  expect(uuidOf('a')).toBe(uuidOf('a'));
  expect(uuidOf('a')).not.toBe(uuidOf('b'));
});
