import { expect, test } from 'vitest';
import lock from '../../connectors/mapping-lock.json' with { type: 'json' };
import { mappingHashes } from '../../connectors/mapping-lock.ts';
import { connectors } from '../../connectors/registry.ts';

test('a changed mapping has a new version (run `npm run lock:mappings` after a change)', () => {
  expect(lock).toEqual(mappingHashes());
});

test('rows carry it', () => {
  for (const { id, mappingVersion } of connectors) {
    expect(mappingVersion).toBe(`${id}/${(lock as Record<string, string>)[id]}`);
  }
});
