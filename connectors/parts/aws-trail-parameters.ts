/**
 * Which parameters name a resource, from the table beside this file, the most specific first.
 *
 * `parameter` is a member of requestParameters, as CloudTrail spells it; after `*.` one at any depth of requestParameters
 * and responseElements, where names of their own kind stand that nothing else bears: credentials that a call created among
 * them. It holds one name or a list of them. `service` is the eventSource without `.amazonaws.com`, and `operation` a word
 * of the eventName, both empty where it means the same everywhere. `type` is CloudFormation's name for it, as CloudTrail
 * writes it in `resources[].type`; empty where the parameter names all kinds of things.
 */

import { readFileSync } from 'node:fs';
import { parseCsv } from '../../schema/actions/csv.ts';

export interface Parameter {
  readonly service: string;
  readonly operation: string;
  readonly type: string | null;
  /** Whether it stands at any depth. */
  readonly deep: boolean;
  /** Place in the table. */
  readonly rank: number;
}

const BY_NAME = readParameters();

/** What a parameter of this call names; undefined where it is not known to name anything. */
export function parameterOf(name: string, service: string, operation: string): Parameter | undefined {
  const rows = BY_NAME.get(name);
  if (rows === undefined) return undefined;
  return rows.find(
    (row) =>
      (row.service === '' || row.service === service) &&
      (row.operation === '' || operation.includes(row.operation)),
  );
}

function readParameters(): ReadonlyMap<string, readonly Parameter[]> {
  const text = readFileSync(new URL('aws-trail-parameters.csv', import.meta.url), 'utf8');
  const byName = new Map<string, Parameter[]>();
  for (const [rank, [service, operation, written, type]] of parseCsv(text).slice(1).entries()) {
    const deep = written!.startsWith('*.');
    const name = deep ? written!.slice(2) : written!;
    const rows = byName.get(name) ?? [];
    if (rows.length === 0) byName.set(name, rows);
    rows.push({ service: service!, operation: operation!, type: type || null, deep, rank });
  }
  return byName;
}
