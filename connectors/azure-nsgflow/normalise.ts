import { newFlow } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import {
  DIRECTIONS,
  protocolOf,
  STATES,
  setCounters,
  setEnds,
  type TupleContext,
  tupleUid,
  wrongCount,
} from '../parts/azure-tuples.ts';

const DECISIONS = new Map([
  ['A', 'accept'],
  ['D', 'reject'],
]);

/** Version 1 has the first eight fields; version 2 adds the state and four counters. */
const V1_FIELDS = 8;
const V2_FIELDS = 13;

export function normalise(record: SourceRecord, _facts: BodyFacts): Normalised {
  if (record.value !== undefined || record.context === undefined) {
    const problem = 'an NSG flow log record holds properties.flows';
    return { kind: 'unreadable', code: 'missing_field', path: '/properties/flows', problem };
  }
  const context = record.context as TupleContext;
  const fields = record.raw.split(',');
  if (fields.length < V1_FIELDS || fields.length > V2_FIELDS)
    return wrongCount(fields.length, `${V1_FIELDS} to ${V2_FIELDS}`);
  const flow = Object.assign(newFlow(), context.columns);
  // when, from where, to where
  const wrong = setEnds(flow, fields) ?? setCounters(flow, fields.slice(9));
  if (wrong !== null) return wrong;
  flow.protocol = protocolOf(fields[5]);
  flow.direction = DIRECTIONS.get(fields[6]!) ?? null;
  // with what result
  flow.action = DECISIONS.get(fields[7]!) ?? null;
  flow.flow_state = STATES.get(fields[8] ?? '') ?? null;
  flow.uid = tupleUid('azure.nsgflow', record, context);
  return { kind: 'flow', flow };
}
