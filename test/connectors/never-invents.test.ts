/** What a mapping says of who, where and what stands in the body it read; it is never made up. */

import { describe, expect, test } from 'vitest';
import type { Connector } from '../../connectors/contract.ts';
import { parseJson } from '../../connectors/parts/value.ts';
import { connectors } from '../../connectors/registry.ts';
import { goldenPairs } from './golden.ts';
import { readBody } from './read-body.ts';

/** Columns whose text must be found in the body as it stands, letter case aside. */
const TAKEN = [
  'time_original',
  'operation',
  'service',
  'error_code',
  'error_message',
  'org',
  'account',
  'region',
  'actor_name',
  'actor_id',
  'actor_principal',
  'actor_account',
  'actor_credential',
  'actor_session',
  'actor_issuer',
  'actor_on_behalf_of',
  'src_ip',
  'src_host',
  'user_agent',
  'dst_ip',
  'dst_host',
  'command',
  'target_id',
  'target_name',
  'request_id',
  'correlation_id',
  'zone',
  'vpc',
  'subnet',
  'interface',
  'instance',
  'rule',
  'pkt_src_ip',
  'pkt_dst_ip',
  'src_service',
  'dst_service',
] as const;

/** Words of ours for facts that have no text of their own in the record, and compositions documented in the crosswalk. */
const OURS: readonly ((connector: Connector, column: string, value: string) => boolean)[] = [
  // The root user has no user name.
  (_, column, value) => column === 'actor_name' && value === 'root',
  // `program:event` and `verb resource/subresource` are put together from what the line or the event says.
  ({ id }, column) => column === 'operation' && /^(linux|aws\.ssm|k8s|generic)/.test(id),
  // Sign-ins have one operation; Graph and Log Analytics do not repeat its name.
  ({ id }, column) => column === 'operation' && id === 'azure.signin',
  // What the terminal showed once every editing key had its effect.
  ({ id }, column) => column === 'command' && id === 'aws.ssmsession',
  // A Kubernetes object is named by its path in the API, which the event gives in pieces.
  ({ id }, column) => column === 'target_id' && id === 'k8s.audit',
  // A Parquet row and a transcript have no text; the program is known from the format.
  ({ id }, column) => column === 'service' && /^(linux|aws\.ssm|k8s|generic|azure)/.test(id),
];

describe.each(connectors.map((connector) => [connector.id, connector] as const))('%s', (_, connector) => {
  const folder = new URL(`../../connectors/${connector.id.replace('.', '-')}/`, import.meta.url);
  test.each(goldenPairs(folder).map((pair) => [pair.name, pair.body] as const))('%s', async (_, body) => {
    const held = flatten(body);
    for (const { outcome, record } of await readBody(connector, body)) {
      const row = outcome.kind === 'event' ? outcome.event : outcome.kind === 'flow' ? outcome.flow : null;
      if (row === null) continue;
      const text = record?.locator.endsWith('rebuilt') ? held + flatten(Buffer.from(record.raw)) : held;
      for (const column of TAKEN) {
        const value = (row as unknown as Record<string, unknown>)[column];
        if (typeof value !== 'string' || OURS.some((rule) => rule(connector, column, value))) continue;
        expect(holds(text, squeeze(value)), `${column} = ${value}`).toBe(true);
      }
    }
  });
});

/** The value as it stands, or put together from words that all stand there (an API group and a name, a date and a time). */
function holds(text: string, value: string): boolean {
  return text.includes(value) || value.split(/[^\p{L}\p{N}]+/u).every((word) => text.includes(word));
}

/** The body's text, with everything inside escaped strings, encoded or nested, added in plain. */
function flatten(body: Buffer): string {
  const parts: string[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value === 'string') {
      parts.push(value);
      const inner = depth < 6 && /^\s*[[{"]/.test(value) ? parseJson(value) : null;
      if (inner !== null) visit(inner, depth + 1);
      if (/^[A-Za-z0-9+/]{16,}={0,2}$/.test(value)) visit(Buffer.from(value, 'base64').toString(), depth + 1);
    } else if (
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((item) => Number.isInteger(item) && item >= 0 && item < 256)
    ) {
      parts.push(Buffer.from(value as number[]).toString());
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        parts.push(key);
        visit(inner, depth + 1);
      }
    } else parts.push(String(value));
  };
  const text = body.toString();
  const whole = parseJson(text);
  if (whole !== null) visit(whole, 0);
  else for (const line of text.split('\n')) visit(parseJson(line) ?? line, 0);
  return squeeze(`${text}\n${parts.join('\n')}`);
}

/** Case and white space aside; a percent-encoded blank is a blank. */
const squeeze = (text: string): string => text.toLowerCase().replace(/(?:%20|\+|\s)+/g, ' ');
