import { expect, test } from 'vitest';
import type { Draft } from '../../ledger/entry.ts';
import { linkEntries, streamReader } from '../../ledger/stream.ts';
import { ALL_DRAFTS, DRAFTS } from './parts/drafts.ts';

const cloudtrail = DRAFTS.evidence;
const activity = { ...DRAFTS.evidence, source: 'azure.activity' };
const drafts: readonly Draft[] = [
  cloudtrail,
  activity,
  cloudtrail,
  DRAFTS.data,
  activity,
  DRAFTS.gap,
  cloudtrail,
];

test('each entry names the one before it of its own stream', () => {
  const { entries, tails } = linkEntries(drafts, 0, new Map());
  expect(entries.map(({ previous }) => previous)).toEqual([null, null, 0, null, 1, null, 2]);
  const more = linkEntries([cloudtrail, DRAFTS.data, DRAFTS.custody], 7, tails);
  expect(more.entries.map(({ previous }) => previous)).toEqual([6, 3, null]);
  expect(tails.get('evidence/aws.cloudtrail')).toBe(6);
});

test('reading a log through gives the tails that writing it gave', () => {
  const { entries, tails } = linkEntries([...drafts, ...ALL_DRAFTS], 0, new Map());
  const reader = streamReader();
  for (const [index, entry] of entries.entries()) expect(reader.take(index, entry)).toBeNull();
  expect(new Map(reader.tails)).toEqual(tails);
});

test('an entry left out of a stream is noticed at the next one', () => {
  const { entries } = linkEntries(drafts, 0, new Map());
  const without = entries.toSpliced(2, 1);
  const reader = streamReader();
  const faults = without.map((entry, index) => reader.take(index, entry));
  expect(faults.filter((fault) => fault !== null).length).toBeGreaterThan(0);
});

test('streams of different kinds never meet, whatever a source or case is called', () => {
  const names = new Set(
    [cloudtrail, DRAFTS.gap, DRAFTS.data, DRAFTS.metadata, DRAFTS.hold, DRAFTS.custody].map(
      (draft) => [...linkEntries([draft], 0, new Map()).tails.keys()][0],
    ),
  );
  expect(names.size).toBe(6);
});
