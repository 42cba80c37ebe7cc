/**
 * A body is `{"records":[…]}`; each record holds flows by the list that decided them, then by rule, then as tuples. Or it
 * has rows of NTANetAnalytics: an answer of Log Analytics, or what was exported of the table.
 */

import type { BodyFacts, BrokenRecord, RecordSink, SourceRecord, Splitter } from '../contract.ts';
import { Fields } from '../parts/azure-fields.ts';
import { isAnalyticsRow } from '../parts/azure-kind.ts';
import { expandTables, isQueryAnswer } from '../parts/azure-tables.ts';
import { brokenPart, emitTuples, OriginMaker, type TupleContext } from '../parts/azure-tuples.ts';
import { jsonRecords } from '../parts/json-records.ts';
import { AnalyticsRows } from './analytics.ts';
import { targetColumns } from './target.ts';

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  const origins = new OriginMaker();
  const rows = new AnalyticsRows();
  const take = (record: SourceRecord): void => {
    if (isAnalyticsRow(new Fields(record.value))) rows.take(record, sink);
    else expand(record, origins, sink);
  };
  const others = {
    broken: (broken: BrokenRecord) => sink.broken(broken),
    skipped: (reason: string) => sink.skipped(reason),
  };
  return jsonRecords(
    {
      ...others,
      record: (record) => {
        if (isQueryAnswer(record.value)) expandTables(record, { ...others, record: take });
        else take(record);
      },
    },
    { containers: ['records'] },
  );
}

function expand(record: SourceRecord, origins: OriginMaker, sink: RecordSink): void {
  const fields = new Fields(record.value);
  const flows = fields.fields('flowRecords').get('flows');
  if (!Array.isArray(flows)) {
    // Not a flow record: normalise says so.
    sink.record(record);
    return;
  }
  const resource = fields.text('targetResourceID');
  const recordTime = fields.text('time');
  const mac = fields.text('macAddress');
  const origin = origins.originOf(record, resource, recordTime, mac);
  const columns = { ...targetColumns(resource), interface: mac };
  let found = 0;
  flows.forEach((flow: unknown, f) => {
    const inner = new Fields(flow);
    const groups = inner.get('flowGroups');
    if (!Array.isArray(groups)) {
      found++;
      brokenPart(record, `/flowRecords/flows/${f}`, 'flowGroups must be an array', flow, sink);
      return;
    }
    const extra = JSON.stringify({
      aclID: inner.text('aclID') ?? undefined,
      targetResourceID: resource ?? undefined,
      flowLogResourceID: fields.text('flowLogResourceID') ?? undefined,
      flowLogGUID: fields.text('flowLogGUID') ?? undefined,
      flowLogVersion: fields.get('flowLogVersion'),
    });
    groups.forEach((group: unknown, g) => {
      const rule = new Fields(group).text('rule');
      const context: TupleContext = {
        origin: `${origin}\n${rule}`,
        columns: { ...columns, rule, extra },
      };
      const pointer = `/flowRecords/flows/${f}/flowGroups/${g}/flowTuples`;
      found += emitTuples(new Fields(group).get('flowTuples'), pointer, context, record, sink);
    });
  });
  if (found === 0) sink.skipped('no_flow_tuples');
}
