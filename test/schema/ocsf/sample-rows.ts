/** Rows of every sample there is: the connectors' own, and collected public ones where they lie beside the project. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Connector } from '../../../connectors/contract.ts';
import { connectorById, connectors } from '../../../connectors/registry.ts';
import type { AuditEvent, Flow } from '../../../schema/columns.ts';
import { readBody } from '../../connectors/read-body.ts';

export interface SampleRows {
  readonly events: readonly AuditEvent[];
  readonly flows: readonly Flow[];
}

const SHARED = new URL('../../../../shared/samples/', import.meta.url);

/** Folders of the shared samples whose name is not the connector's. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'entra-audit': 'azure.audit',
  'entra-signin': 'azure.signin',
};

export const sharedSamples: boolean = existsSync(SHARED);

function filesUnder(folder: URL): URL[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const url = new URL(encodeURIComponent(name), folder);
      return statSync(url).isDirectory() ? filesUnder(new URL(`${url.href}/`)) : [url];
    });
}

const bodyOf = (file: URL): Buffer => {
  const body = readFileSync(file);
  return body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body;
};

async function rowsOf(pairs: readonly (readonly [Connector, URL])[]): Promise<SampleRows> {
  const events: AuditEvent[] = [];
  const flows: Flow[] = [];
  for (const [connector, file] of pairs) {
    for (const { outcome } of await readBody(connector, bodyOf(file), { origin: file.pathname })) {
      if (outcome.kind === 'event') events.push(outcome.event);
      if (outcome.kind === 'flow') flows.push(outcome.flow);
    }
  }
  return { events, flows };
}

/** Rows of the samples beside each connector. */
export function connectorSampleRows(): Promise<SampleRows> {
  const pairs = connectors.flatMap((connector) => {
    const folder = new URL(
      `../../../connectors/${connector.id.replaceAll('.', '-')}/samples/`,
      import.meta.url,
    );
    const files = filesUnder(folder).filter(({ pathname }) => !pathname.endsWith('.expected.json'));
    return files.map((file) => [connector, file] as const);
  });
  return rowsOf(pairs);
}

/** Rows of the shared samples; none where they are not there. */
export function sharedSampleRows(): Promise<SampleRows> {
  if (!sharedSamples) return Promise.resolve({ events: [], flows: [] });
  const pairs = readdirSync(SHARED).flatMap((name) => {
    const connector = connectorById(OTHER_NAMES[name] ?? name.replace('-', '.'));
    if (connector === undefined) return [];
    return filesUnder(new URL(`${name}/`, SHARED)).map((file) => [connector, file] as const);
  });
  return rowsOf(pairs);
}
