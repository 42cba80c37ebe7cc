import { expect, test } from 'vitest';
import { cursorKey, evidenceKey, makeKey, pendingKey } from '../../vault/keys.ts';
import { memoryState, memoryVault } from '../../vault/memory-store.ts';
import { WRITE_KINDS } from '../../vault/write-kind.ts';
import { codeOf } from './scratch.ts';

const body = new TextEncoder().encode('body');
const { evidence, checkpoint, pending, cache } = WRITE_KINDS;

test.each([
  ['a key outside the layout', () => memoryVault().putIfAbsent('evidence/x', body, evidence)],
  ['a state key in the vault', () => memoryVault().putIfAbsent(cursorKey('aws.cloudtrail'), body, pending)],
  [
    'a vault key in the state store',
    () => memoryState().putIfAbsent(makeKey('checkpoint', { size: 1 }), body, checkpoint),
  ],
  [
    'evidence under another hash',
    () => memoryVault().putIfAbsent(evidenceKey('linux.auth', 'ab'.repeat(32)), body, evidence),
  ],
  [
    'a kind that is not the key’s',
    () => memoryVault().putIfAbsent(makeKey('checkpoint', { size: 1 }), body, evidence),
  ],
  [
    'replacing what is write-once',
    () => memoryState().put(pendingKey('ab'.repeat(32), 'cd'.repeat(8)), body),
  ],
  [
    'swapping what is write-once',
    () => memoryState().putIfUnchanged(pendingKey('ab'.repeat(32), 'cd'.repeat(8)), body, null),
  ],
  ['removing outside the layout', () => memoryState().remove('cursors/elsewhere')],
  ['any of a batch', () => memoryState().putManyIfAbsent([{ key: 'cache', body, kind: cache }])],
])('%s breaks the contract', async (_, act) => {
  expect(await codeOf(act())).toBe('CONTRACT_BROKEN');
});
