import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { resolveAction } from '../../../schema/actions/resolve.ts';

const samples = new URL('../../../../shared/samples/', import.meta.url);
const present = existsSync(samples);

/** Source ← the folder its samples stand in. */
const FOLDERS = {
  'aws-cloudtrail': 'aws.cloudtrail',
  'azure-activity': 'azure.activity',
  'entra-audit': 'azure.audit',
  'entra-signin': 'azure.signin',
  'gcp-audit': 'gcp.audit',
  'k8s-audit': 'k8s.audit',
} as const;

type Found = (source: string, service: string, operation: string) => void;

/** Every operation named anywhere in a JSON value, whatever the envelope. */
function findOperations(value: unknown, source: string, found: Found): void {
  if (typeof value === 'string' && /^[[{]/.test(value)) {
    eachJson(value, (inner) => findOperations(inner, source, found));
  }
  if (typeof value !== 'object' || value === null) return;
  const record = value as Record<string, unknown>;
  const text = (name: string): string | null => (typeof record[name] === 'string' ? record[name] : null);
  if (text('eventName') && text('eventSource'))
    found('aws.cloudtrail', text('eventSource')!, text('eventName')!);
  else if (text('methodName')) found('gcp.audit', text('serviceName') ?? '', text('methodName')!);
  else if (text('activityDisplayName')) found('azure.audit', '', text('activityDisplayName')!);
  else if (text('operationName'))
    found(source.startsWith('azure') ? source : 'azure.activity', '', text('operationName')!);
  const reference = record['objectRef'] as Record<string, unknown> | undefined;
  if (text('verb') && typeof reference?.['resource'] === 'string') {
    const sub = typeof reference['subresource'] === 'string' ? `/${reference['subresource']}` : '';
    found('k8s.audit', '', `${text('verb')} ${reference['resource']}${sub}`);
  }
  for (const member of Object.values(record)) findOperations(member, source, found);
}

/** A whole JSON text, or one per line. */
function eachJson(text: string, use: (value: unknown) => void): void {
  try {
    use(JSON.parse(text));
  } catch {
    if (!text.includes('\n')) return;
    for (const line of text.split('\n'))
      if (/^\s*[[{]/.test(line)) eachJson(line.trim().replace(/,$/, ''), use);
  }
}

describe.skipIf(!present)('operations in real records', () => {
  test.each(Object.entries(FOLDERS))('all of %s stand in a table', (folder, source) => {
    const derived = new Set<string>();
    for (const name of readdirSync(new URL(`${folder}/`, samples), {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!name.isFile()) continue;
      const bytes = readFileSync(`${name.parentPath}/${name.name}`);
      const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
      eachJson(text.replace(/^\ufeff/, ''), (value) =>
        findOperations(value, source, (from, service, operation) => {
          if (resolveAction({ source: from, service, operation }).derived)
            derived.add(`${from} ${service} ${operation}`);
        }),
      );
    }
    expect([...derived]).toEqual([]);
  });
});
