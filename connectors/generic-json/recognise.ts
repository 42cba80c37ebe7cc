import type { BodySample, Recognition } from '../contract.ts';
import { startsAsJson } from '../parts/head.ts';
import { isText } from '../parts/text-share.ts';

/** Nothing is told from the key of a log nobody knows; what it is shows in its content. */
export function roleOfKey(_key: string): 'records' | 'digest' | 'ignore' {
  return 'records';
}

/** Whatever starts as JSON does, so that only plain text is less certain. */
export function recognise(sample: BodySample): Recognition | null {
  if (!startsAsJson(sample.text) || !isText(sample.text)) return null;
  return { role: 'records', confidence: 0.15 };
}
