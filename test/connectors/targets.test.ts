/** What records name: all of it is found, none of it is made up, and types and names are what the ids say. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recognise, sampleOf } from '../../connectors/recognise.ts';
import { connectorById } from '../../connectors/registry.ts';
import type { AuditEvent } from '../../schema/columns.ts';
import { parseScope } from '../../schema/scopes/scope.ts';
import { goldenPairs } from './golden.ts';
import { readBody } from './read-body.ts';

const SOURCES = ['aws.cloudtrail', 'azure.activity', 'azure.audit', 'azure.signin', 'gcp.audit'] as const;
const publicSamples = new URL('../../../shared/samples/', import.meta.url);

interface Read {
  readonly where: string;
  readonly event: AuditEvent;
  /** All text of the record and of what encloses it. */
  readonly texts: readonly string[];
}

async function readAll(source: string, bodies: readonly { name: string; body: Buffer }[]): Promise<Read[]> {
  const found: Read[] = [];
  for (const { name, body } of bodies)
    for (const { record, outcome } of await readBody(connectorById(source)!, body))
      if (outcome.kind === 'event')
        found.push({ where: name, event: outcome.event, texts: textsIn([record!.value, record!.context]) });
  return found;
}

/** Samples of a source, and the public ones where they are at hand. */
async function eventsOf(source: string): Promise<Read[]> {
  const own = goldenPairs(new URL(`../../connectors/${source.replace('.', '-')}/`, import.meta.url));
  const bodies: { name: string; body: Buffer }[] = [...own];
  if (existsSync(publicSamples)) {
    for (const entry of readdirSync(publicSamples, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(?:json|jsonl|ndjson)$/.test(entry.name)) continue;
      const body = readFileSync(`${entry.parentPath}/${entry.name}`);
      const sample = sampleOf(entry.name, body.subarray(0, 64 * 1024), body.length <= 64 * 1024);
      if (recognise(sample)?.connector.id === source) bodies.push({ name: entry.name, body });
    }
  }
  return readAll(source, bodies);
}

/** All text in a value, that inside JSON text included. */
function textsIn(value: unknown, found: string[] = []): string[] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    found.push(String(value));
    if (typeof value === 'string' && /^\s*[[{"]/.test(value)) {
      try {
        textsIn(JSON.parse(value), found);
      } catch {
        // Text that only begins as JSON does.
      }
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) textsIn(item, found);
  }
  return found;
}

const isIn = (texts: readonly string[], said: string): boolean =>
  texts.some((text) => text.toLowerCase().includes(said.toLowerCase()));

describe.each(SOURCES)('%s', (source) => {
  test('every target stands in its record', async () => {
    for (const { where, event, texts } of await eventsOf(source)) {
      for (const said of [event.target_id, event.target_name, ...(event.targets ?? [])])
        if (said !== null && !isIn(texts, said)) throw new Error(`${where}: ${said} is not in the record`);
      if (event.target_id !== null) expect(event.targets, where).toContain(event.target_id);
    }
  });

  test('type and account are what the id of the target says', async () => {
    for (const { where, event } of await eventsOf(source)) {
      const scope = parseScope(event.target_id);
      if (scope === null) continue;
      if (scope.cloud === 'aws') {
        expect(event.target_type, where).not.toBeNull();
        if (scope.name !== null) expect(event.target_name, where).toBe(scope.name);
      } else if (scope.cloud === 'azure') {
        expect(event.target_type, where).toBe(scope.type);
        expect(event.target_name, where).toBe(scope.name);
        if (scope.account !== null) expect(event.account, where).toBe(scope.account.toLowerCase());
      } else if (scope.collection !== null && event.service !== 'k8s.io') {
        expect(event.target_type, where).toContain(scope.collection);
        expect(event.target_name, where).toBe(scope.name);
      }
    }
  });
});

describe('whatever the record', () => {
  const id = fc.constantFrom(
    '/subscriptions/s/resourceGroups/g/providers/A.B/c/d/providers/E.F/g/h',
    'projects/p/zones/z/instances/i',
    '//iam.googleapis.com/projects/p/serviceAccounts/s',
    'https://www.googleapis.com/compute/v1/projects/p/global/networks/n',
    'storage.googleapis.com/b',
    'sa@p.iam.gserviceaccount.com',
    '00000000-0000-0000-0000-00000000000a',
    '{"principalId":"00000000-0000-0000-0000-00000000000b"}',
  );
  const name = fc.constantFrom(
    'resourceId',
    'properties',
    'protoPayload',
    'resourceName',
    'request',
    'response',
    'authorizationInfo',
    'resource',
    'targetResources',
    'initiatedBy',
    'modifiedProperties',
    'principalId',
    'policyDelta',
    'bindingDeltas',
    'serviceData',
    'member',
    'operationName',
    'requestbody',
    'identity',
    'authorization',
    'scope',
    'id',
  );
  const record = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      id,
      fc.string(),
      fc.array(tie('value'), { maxLength: 4 }),
      tie('object'),
    ),
    object: fc.dictionary(fc.oneof(name, fc.string()), tie('value'), { maxKeys: 6 }),
  })).object;

  test.each(['azure.activity', 'azure.audit', 'gcp.audit'])('%s makes up no target', (source) => {
    const connector = connectorById(source)!;
    const facts = { sha256: '0'.repeat(64), origin: 'x', modified: null };
    fc.assert(
      fc.property(record, (inner) => {
        const value = { operationName: 'x', protoPayload: inner, properties: inner, ...inner };
        const raw = JSON.stringify(value);
        const outcome = connector.normalise({ raw, bytes: null, value, locator: 'bytes=0-1' }, facts);
        if (outcome.kind !== 'event') return;
        const texts = textsIn(value);
        for (const target of outcome.event.targets ?? []) expect(isIn(texts, target), target).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
