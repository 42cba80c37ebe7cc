import type { BodySample, Recognition } from '../contract.ts';
import { isText } from '../parts/text-share.ts';

/** Nothing is told from the key of a log nobody knows; what it is shows in its content. */
export function roleOfKey(_key: string): 'records' | 'digest' | 'ignore' {
  return 'records';
}

/** Whatever is text, as the last resort of all. */
export function recognise(sample: BodySample): Recognition | null {
  return isText(sample.text) ? { role: 'records', confidence: 0.1 } : null;
}
