import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../../schema/columns.ts';
import { OCSF_CLASSES } from '../../../schema/ocsf/model.ts';
import { Context } from '../../../schema/ocsf/read.ts';
import { type OcsfRecord, renderEvent, renderFlow } from '../../../schema/ocsf/render.ts';
import { fallbackOf } from '../../../schema/ocsf/settle.ts';
import { typesOfKind } from '../../../schema/ocsf/target-kinds.ts';
import { validateOcsf } from '../../../schema/ocsf/validate.ts';
import { connectorSampleRows, sharedSampleRows } from './sample-rows.ts';

const own = await connectorSampleRows();
const shared = await sharedSampleRows();
const events = [...own.events, ...shared.events];
const flows = [...own.flows, ...shared.flows];

const said = (event: AuditEvent, ...columns: (keyof AuditEvent)[]): boolean =>
  columns.some((column) => event[column] !== null);
const targetIs = (event: AuditEvent, ...kinds: string[]): boolean =>
  event.target_type !== null && typesOfKind(kinds).includes(event.target_type.toLowerCase());

/** What a person would look for to say that a record does tell of an attribute, without the code that is tested. */
const TOLD: Readonly<Record<string, (event: AuditEvent) => boolean>> = {
  actor: (event) =>
    said(
      event,
      'actor_name',
      'actor_id',
      'actor_account',
      'actor_session',
      'actor_issuer',
      'actor_credential',
      'mfa',
    ),
  api: (event) => said(event, 'operation') && !/^(linux|aws\.ssm)/.test(event.source!),
  src_endpoint: (event) => said(event, 'src_ip', 'src_host'),
  device: (event) => said(event, 'dst_host') || targetIs(event, 'instance'),
  entity: (event) => said(event, 'target_id', 'target_name'),
  process: (event) => said(event, 'command'),
  job: (event) => targetIs(event, 'job'),
  group: (event) => targetIs(event, 'group'),
  finding_info: () => false,
  privileges: (event) =>
    /"(policyArn|policyName|roleDefinitionId|RoleName|roleRef)"/.test(event.request ?? ''),
  'service or dst_endpoint': (event) => said(event, 'service', 'dst_ip', 'dst_host'),
  'database or databucket or table': (event) => targetIs(event, 'database', 'databucket', 'object', 'table'),
};

/** Signing in is the actor's; any other change of a user names that user as its target. */
function userIsTold(event: AuditEvent, wanted: string): boolean {
  if (wanted === 'Authentication') return said(event, 'actor_name', 'actor_id');
  return targetIs(event, 'user') || /"(userName|roleName)":"[^"]/.test(event.request ?? '');
}

describe('every event and flow of every sample', () => {
  test('there are samples of all classes the vocabulary speaks of', () => {
    expect(events.length).toBeGreaterThan(300);
    expect(flows.length).toBeGreaterThan(40);
    const classes = new Set(events.map((event) => event.class));
    for (const name of ['API Activity', 'Authentication', 'Account Change', 'User Access Management']) {
      expect(classes).toContain(name);
    }
    for (const name of ['Group Management', 'Entity Management', 'Datastore Activity', 'Process Activity']) {
      expect(classes).toContain(name);
    }
    for (const name of ['SSH Activity', 'Detection Finding', 'HTTP Activity', 'Base Event']) {
      expect(classes).toContain(name);
    }
  });

  test('has a record that validates, or no time and so none', () => {
    const problems: unknown[] = [];
    const rendered = [
      ...events.map((row) => [row, renderEvent(row)] as const),
      ...flows.map((row) => [row, renderFlow(row)] as const),
    ];
    for (const [row, record] of rendered) {
      if (record === null) expect(row.time).toBeNull();
      else problems.push(...validateOcsf(record).map((one) => ({ ...one, raw: row.raw })));
    }
    expect(problems).toEqual([]);
  });

  test('has the class of its record in its columns', () => {
    const different = events
      .map((event) => [event, renderEvent(event)] as const)
      .filter(([, record]) => record !== null)
      .filter(
        ([event, record]) =>
          event.class !== record!['class_name'] ||
          event.class_uid !== record!['class_uid'] ||
          event.activity !== record!['activity_name'] ||
          event.type_uid !== record!['type_uid'],
      );
    expect(different).toEqual([]);
  });

  test('fell back to a more general class only where a fact it needs is not told', () => {
    const wrong: unknown[] = [];
    let fallen = 0;
    for (const event of events) {
      const fallback = fallbackOf(new Context(event));
      if (fallback === null) continue;
      fallen++;
      const { from, missing } = fallback;
      expect(OCSF_CLASSES.has(from)).toBe(true);
      expect(missing).not.toEqual([]);
      for (const name of missing) {
        const told = name === 'user' ? userIsTold(event, from) : TOLD[name]!(event);
        if (told && !(name === 'privileges' && missing.includes('user'))) {
          wrong.push({ from, name, operation: event.operation, request: event.request });
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(fallen).toBeGreaterThan(0);
  });

  test('loses no column: what OCSF has no place for is unmapped', () => {
    const lost: unknown[] = [];
    for (const event of events) {
      const record = renderEvent(event);
      if (record === null) continue;
      const texts = new Set(leavesOf(record));
      const kept = (
        ['actor_name', 'actor_id', 'src_ip', 'operation', 'target_id', 'error_code', 'uid'] as const
      )
        .map((column) => [column, event[column]] as const)
        .filter(([, value]) => value !== null && !texts.has(value));
      if (kept.length > 0) lost.push(kept);
    }
    expect(lost).toEqual([]);
  });
});

function leavesOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return Object.values(value as OcsfRecord).flatMap(leavesOf);
}
