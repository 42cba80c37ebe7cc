/** Values as a report shows them. */

import type { Cell } from '../../engine/result.ts';

const INSTANT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)(?:\.\d+)?Z$/;

/** An instant as `2026-09-01 08:30:12Z`, without what is zero at its end; other values as they are. */
export function isoText(value: Cell): string {
  if (value === null) return '–';
  if (typeof value === 'object')
    return Array.isArray(value) ? value.map(isoText).join(', ') : JSON.stringify(value);
  const match = typeof value === 'string' ? INSTANT.exec(value) : null;
  if (match === null) return String(value);
  const [, day, minute, second] = match;
  if (second !== ':00') return `${day} ${minute}${second}Z`;
  return minute === '00:00' ? day! : `${day} ${minute}Z`;
}

export const numberText = (value: number): string => value.toLocaleString('en-US');
