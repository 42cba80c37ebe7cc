/** Values as a report shows them. */

import type { Cell } from '../../engine/result.ts';

const INSTANT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)(?:\.\d+)?Z$/;

/** An instant to the second as `2026-09-01 08:30:12Z`, a day's first as the day alone; other values as they are. */
export function isoText(value: Cell): string {
  if (value === null) return '–';
  if (typeof value === 'object')
    return Array.isArray(value) ? value.map(isoText).join(', ') : JSON.stringify(value);
  const match = typeof value === 'string' ? INSTANT.exec(value) : null;
  if (match === null) return String(value);
  const [, day, minute, second] = match;
  return minute === '00:00' && second === ':00' ? day! : `${day} ${minute}${second}Z`;
}

export const numberText = (value: number): string => value.toLocaleString('en-US');
