/** Whether a body is a single JSON object, as files are that prove other files. */

import type { BodySample } from '../contract.ts';
import { isObject, parseJson } from './value.ts';

/**
 * A body with more after its first object is a log, whatever that object says: who writes its first line must not
 * have all others passed over. Of a body longer than the sample it is told by there being no line but the first.
 */
export function isOneObject({ text, complete }: Pick<BodySample, 'text' | 'complete'>): boolean {
  if (!complete) return !/[\r\n]/.test(text);
  return isObject(parseJson(text));
}
