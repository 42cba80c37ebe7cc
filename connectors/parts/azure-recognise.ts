/** Recognition shared by Azure's audit logs. */

import type { BodySample, Recognition } from '../contract.ts';
import { type AzureKind, kindsOf } from './azure-kind.ts';

/** Roles for keys of one log, told from container and folder names. */
export function roleByKey(pattern: RegExp): (key: string) => 'records' | 'digest' | 'ignore' {
  return (key) => (pattern.test(key) ? 'records' : 'ignore');
}

/** A body whose first records are all of one kind; or one without a record yet, under a key of that kind. */
export function recogniseOnly(kind: AzureKind, sample: BodySample, keyFits: boolean): Recognition | null {
  const kinds = kindsOf(sample);
  if (kinds.size === 1 && kinds.has(kind)) return { role: 'records', confidence: 0.95 };
  if (sample.records.length === 0 && kinds.size === 0 && keyFits) return { role: 'records', confidence: 0.7 };
  return null;
}
