import { describe, expect, test } from 'vitest';
import { resolveAction } from '../../../schema/actions/resolve.ts';
import { rowsOf } from './read-table.ts';

/** Operations and the action each is, written from what the vendors' documentation says they do. */
const labelled = rowsOf('labelled.csv', ['source', 'service', 'operation', 'action']);

/** Operations of two clouds that mean the same. */
const pairs = rowsOf('pairs.csv', [
  ...(['meaning', 'source', 'service', 'operation'] as const),
  ...(['other_source', 'other_service', 'other_operation'] as const),
]);

describe('labelled operations', () => {
  test('there are enough of them', () => {
    expect(labelled.length).toBeGreaterThanOrEqual(300);
    expect(pairs.length).toBeGreaterThanOrEqual(100);
  });

  test.each(labelled)('$source $service $operation is $action', ({ action, ...operation }) => {
    const resolved = resolveAction(operation);
    expect(resolved.action).toBe(action);
    expect(resolved.derived).toBe(false);
  });

  test.each(pairs)('$meaning: $operation and $other_operation', (pair) => {
    const one = resolveAction(pair);
    const other = resolveAction({
      source: pair.other_source,
      service: pair.other_service,
      operation: pair.other_operation,
    });
    expect(one.action).toBe(other.action);
    expect(one.derived || other.derived).toBe(false);
  });
});
