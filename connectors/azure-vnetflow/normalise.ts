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
import { isAnalytics, normaliseAnalytics } from './analytics.ts';

/** A deny ends here; the counters may be left out, or stand empty. */
const FEWEST_FIELDS = 9;
const MOST_FIELDS = 13;

export function normalise(record: SourceRecord, _facts: BodyFacts): Normalised {
  if (isAnalytics(record.context)) return normaliseAnalytics(record, record.context);
  if (record.value !== undefined || record.context === undefined) {
    const problem = 'a virtual network flow log record holds flowRecords.flows';
    return { kind: 'unreadable', code: 'missing_field', path: '/flowRecords/flows', problem };
  }
  const context = record.context as TupleContext;
  const fields = record.raw.split(',');
  if (fields.length < FEWEST_FIELDS || fields.length > MOST_FIELDS)
    return wrongCount(fields.length, `${FEWEST_FIELDS} to ${MOST_FIELDS}`);
  const flow = Object.assign(newFlow(), context.columns);
  // when, from where, to where
  const wrong = setEnds(flow, fields) ?? setCounters(flow, fields.slice(9));
  if (wrong !== null) return wrong;
  flow.protocol = protocolOf(fields[5]);
  flow.direction = DIRECTIONS.get(fields[6]!) ?? null;
  // with what result: the state is begin, continue or end of an allowed flow, or deny
  const state = fields[7]!;
  flow.flow_state = STATES.get(state) ?? null;
  flow.action = state === 'D' ? 'reject' : flow.flow_state === null ? null : 'accept';
  flow.traffic_path = fields[8] === '' ? null : fields[8]!;
  flow.uid = tupleUid('azure.vnetflow', record, context);
  return { kind: 'flow', flow };
}
