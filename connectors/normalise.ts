/** NORMALISE: one record → one outcome, with the columns that every source fills alike. */

import { hash } from 'node:crypto';
import { classify } from '../schema/classify.ts';
import type { AuditEvent, Flow } from '../schema/columns.ts';
import type { BodyFacts, Connector, Normalised, SourceRecord } from './contract.ts';
import { settleActorType } from './parts/actor-type.ts';
import { OccurrenceCounter } from './parts/occurrence.ts';

/**
 * A normaliser for the records of one body, in their order. What it returns depends on the body, its facts and the
 * mapping version alone.
 */
export function normaliserFor(connector: Connector, facts: BodyFacts): (record: SourceRecord) => Normalised {
  const occurrences = new OccurrenceCounter();
  return (record) => {
    const outcome = totally(connector, record, facts);
    if (outcome.kind === 'event') {
      stamp(outcome.event, connector, record, facts, occurrences);
      settleActorType(outcome.event);
      classify(outcome.event);
    } else if (outcome.kind === 'flow') {
      stamp(outcome.flow, connector, record, facts, occurrences);
    }
    return outcome;
  };
}

/** A mapping that throws is our defect, never the loss of a record. */
function totally(connector: Connector, record: SourceRecord, facts: BodyFacts): Normalised {
  try {
    return connector.normalise(record, facts);
  } catch (error) {
    const problem = `the mapping of ${connector.id} failed: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: 'unreadable', code: 'mapping_failed', path: '', problem };
  }
}

function stamp(
  row: AuditEvent | Flow,
  connector: Connector,
  record: SourceRecord,
  facts: BodyFacts,
  occurrences: OccurrenceCounter,
): void {
  row.source = connector.id;
  row.cloud ??= connector.cloud;
  row.raw = record.raw;
  row.evidence = facts.sha256;
  row.locator = record.locator;
  row.mapping_version = connector.mappingVersion;
  row.uid ??= contentUid(connector.id, record.raw, occurrences);
  // Stored only where it says more than the uid.
  if (row.identity === row.uid) row.identity = null;
}

/**
 * An id for a record whose source gives none: 128 bits of SHA-256 over source, text and how many identical ones came
 * before in the body. A copy of the record in another body has the same id.
 */
function contentUid(source: string, raw: string, occurrences: OccurrenceCounter): string {
  const digest = hash('sha256', `${source}\n${raw}`, 'hex');
  const nth = occurrences.next(hexNumber(digest, 32, 45));
  return nth === 1 ? digest.slice(0, 32) : hash('sha256', `${digest}\n${nth}`, 'hex').slice(0, 32);
}

/** Value of the lower-case hexadecimal digits [start, end): a third of what `parseInt` of a slice costs. */
function hexNumber(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    value = value * 16 + (code < 0x3a ? code - 0x30 : code - 0x57);
  }
  return value;
}
