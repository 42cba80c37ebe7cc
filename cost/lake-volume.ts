/** How much log a lake takes in a day, from what it holds. */

import { readRows } from '../stages/parquet-rows.ts';
import { readHead } from '../tables/head.ts';
import { readTable } from '../tables/table-metadata.ts';
import type { Stores } from '../vault/evidence.ts';
import { ASSUMED, type Volume } from './quantities.ts';

const DAY_MICROS = 86_400e6;
/** Days looked back. */
const WINDOW_DAYS = 30;

export interface LakeVolume extends Volume {
  /** Days that it was told from, 1 at least. */
  readonly days: number;
  readonly objects: number;
}

/** Of the last thirty days that something was received in; null for a lake that holds nothing. */
export async function volumeOf({ vault, state }: Stores): Promise<LakeVolume | null> {
  const { head } = await readHead(state);
  const bodies: { at: number; bytes: number }[] = [];
  for (const { key } of (await readTable(vault, head, 'evidence')).files)
    for (const row of await readRows((await vault.get(key)).body, ['received_at', 'expanded_size']))
      bodies.push({ at: Number(row['received_at']), bytes: Number(row['expanded_size'] ?? 0) });
  const last = bodies.reduce((latest, { at }) => Math.max(latest, at), 0);
  const recent = bodies.filter(({ at }) => at > last - WINDOW_DAYS * DAY_MICROS);
  const bytes = recent.reduce((sum, body) => sum + body.bytes, 0);
  if (bytes === 0) return null;
  const first = recent.reduce((earliest, { at }) => Math.min(earliest, at), last);
  const days = Math.max(1, (last - first) / DAY_MICROS);
  return {
    gbADay: bytes / days / 1e9,
    streams: recent.length / days / ASSUMED.deliveriesADay,
    days,
    objects: recent.length,
  };
}

/** Another volume whose objects are as large. */
export const scaled = ({ gbADay, streams }: Volume, to: number): Volume => ({
  gbADay: to,
  streams: (streams * to) / gbADay,
});
