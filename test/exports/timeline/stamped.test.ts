/** A time-stamp over the checkpoint that covers a line is part of what the line carries, in every form. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { timelineText } from '../../../cli/timeline-text.ts';
import { timelineHtml } from '../../../exports/timeline/html.ts';
import type { RecordLine } from '../../../exports/timeline/model.ts';
import { timesketchLines } from '../../../exports/timeline/timesketch.ts';
import { readVkey } from '../../../stages/ledger.ts';
import { stampNewest } from '../../../stages/stamp.ts';
import { openLake } from '../../../vault/lake.ts';
import { HAS_OPENSSL, NO_OPENSSL, Pki, serve } from '../../ledger/timestamps/parts/openssl.ts';
import { Lakes, timelineOf, trail, user } from './lakes.ts';

test.skipIf(HAS_OPENSSL)(`left out: ${NO_OPENSSL}`, () => {});

const lakes = new Lakes();
let pki: Pki;
let server: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  if (!HAS_OPENSSL) return;
  server = await serve((body, path) =>
    path === '/' ? { body: pki.reply(body) } : { type: 'application/pkix-crl', body: pki.read('ca.crl') },
  );
  pki = new Pki().standard(`${server.url}ca.crl`);
  pki.crl('ca');
});
afterAll(async () => {
  await server?.close();
  pki?.close();
  lakes.remove();
});

test.skipIf(!HAS_OPENSSL)('lines sealed before the time-stamp carry it, later ones do not', async () => {
  const at = (day: number) => [
    { ...user('eve', 'AKIAEXAMPLEEVE000001'), eventTime: `2024-03-0${day}T08:00:00Z` },
  ];
  const folder = await lakes.collect('lake', [lakes.files('first', { 'a.json': trail(at(1)) })]);
  const lake = await openLake(folder);
  const identity = await readVkey(lake.root);
  await stampNewest(lake, identity!, { url: server.url, roots: null, policies: [] });
  const more = [{ ...at(2)[0], eventID: 'later' }];
  await lakes.collect('lake', [lakes.files('second', { 'b.json': trail(more) })]);
  const data = await timelineOf(folder, { actors: ['eve'] });
  const [first, second] = data.lines as RecordLine[];
  expect(first!.proof.stamped).toMatchObject({ authority: expect.stringMatching(/./) });
  expect(Math.abs(first!.proof.stamped!.time / 1000 - Date.now())).toBeLessThan(600_000);
  expect(second!.proof.stamped).toBeNull();
  const text = [...timelineText(data, 100, true)].filter((line) => /^[●○]/.test(line));
  expect(text.map((line) => line[0])).toEqual(['●', '○']);
  expect([...timelineHtml(data, null)].join('')).toContain('<dt>existed at</dt>');
  const lines = [...timesketchLines(data)].map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map((line) => [line['proof'], typeof line['proof_stamped']])).toEqual([
    ['stamped', 'string'],
    ['sealed', 'undefined'],
  ]);
});
