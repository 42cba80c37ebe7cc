/** Times as Azure's exporters write them. */

import type { AuditEvent } from '../../schema/columns.ts';
import { parseEpoch, parseTime } from './time.ts';
import { text } from './value.ts';

/** `/Date(1689068712000)/`, as .NET's older JSON writers put it: milliseconds. */
const DOT_NET = /^\/?Date\((-?\d{1,14})(?:[+-]\d{4})?\)\/?$/;

/** Microseconds since the epoch, from any form `parseTime` reads, a .NET date, or seconds to nanoseconds as a number. */
export function azureTime(value: unknown): number | null {
  const parsed = parseTime(value);
  if (parsed !== null) return parsed;
  if (typeof value === 'string') {
    const dotNet = DOT_NET.exec(value.trim());
    if (dotNet !== null) return Number(dotNet[1]) * 1000;
    return /^\d{9,19}$/.test(value) ? parseEpoch(value) : null;
  }
  return typeof value === 'number' && value >= 1e8 ? parseEpoch(value) : null;
}

/** Sets time and time_original from the first candidate that is a time, else keeps the first one's text alone. */
export function setAzureTime(event: AuditEvent, candidates: readonly unknown[]): void {
  for (const candidate of candidates) {
    const time = azureTime(candidate);
    if (time === null) continue;
    event.time = time;
    event.time_original = text(candidate);
    return;
  }
  for (const candidate of candidates) event.time_original ??= text(candidate);
}
