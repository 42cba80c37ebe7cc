import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { azureEvent } from '../parts/azure-event.ts';

/** One export may carry several of Azure's logs: each record is mapped as what it is, in whichever body it comes. */
export function normalise(record: SourceRecord, _facts: BodyFacts): Normalised {
  return azureEvent(record);
}
