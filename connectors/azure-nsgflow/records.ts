/** A body is `{"records":[…]}`; each record holds flows by rule, then by network interface, then as tuples. */

import type { BodyFacts, RecordSink, SourceRecord, Splitter } from '../contract.ts';
import { Fields } from '../parts/azure-fields.ts';
import { parseResourceId } from '../parts/azure-resource-id.ts';
import { brokenPart, emitTuples, OriginMaker, type TupleContext } from '../parts/azure-tuples.ts';
import { jsonRecords } from '../parts/json-records.ts';

export function records(sink: RecordSink, _facts: BodyFacts): Splitter {
  const origins = new OriginMaker();
  return jsonRecords(
    {
      record: (record) => expand(record, origins, sink),
      broken: (broken) => sink.broken(broken),
      skipped: (reason) => sink.skipped(reason),
    },
    { containers: ['records'] },
  );
}

function expand(record: SourceRecord, origins: OriginMaker, sink: RecordSink): void {
  const fields = new Fields(record.value);
  const properties = fields.fields('properties');
  const groups = properties.get('flows');
  if (!Array.isArray(groups)) {
    // Not a flow record: normalise says so.
    sink.record(record);
    return;
  }
  const resource = fields.text('resourceId');
  const origin = origins.originOf(record, resource, fields.text('time'), fields.text('macAddress'));
  const account = parseResourceId(resource)?.subscription?.toLowerCase() ?? null;
  const extra = JSON.stringify({
    networkSecurityGroup: resource ?? undefined,
    systemId: fields.text('systemId') ?? undefined,
    version: properties.get('Version'),
  });
  let found = 0;
  groups.forEach((group: unknown, g) => {
    const rule = new Fields(group).text('rule');
    const flows = new Fields(group).get('flows');
    if (!Array.isArray(flows)) {
      found++;
      brokenPart(record, `/properties/flows/${g}`, 'flows of a rule must be an array', group, sink);
      return;
    }
    flows.forEach((flow: unknown, f) => {
      const inner = new Fields(flow);
      const mac = inner.text('mac') ?? fields.text('macAddress');
      const context: TupleContext = {
        origin: `${origin}\n${mac}\n${rule}`,
        columns: { account, interface: mac, rule, extra },
      };
      const pointer = `/properties/flows/${g}/flows/${f}/flowTuples`;
      found += emitTuples(inner.get('flowTuples'), pointer, context, record, sink);
    });
  });
  if (found === 0) sink.skipped('no_flow_tuples');
}
