/** Statements that ask what time it is: it is a little later when they run than when they were planned. */

import type { Statement } from '../sandbox/protocol.ts';
import { ANY, allOf, type Condition, type Constant, oneOf } from './condition.ts';
import type { RawScan } from './duckdb-plan.ts';

const CLOCK =
  /\b(?:now|today|current_\w+|localtime\w*|get_current_\w+|transaction_timestamp|statement_timestamp|clock_timestamp|age)\b/i;

/**
 * What is left of the scans' conditions. A bound from below that the clock gave only rises, and so still holds; one from
 * above may not. Other values stay where the statement or a parameter has them word for word, and so not from the clock.
 */
export function withoutClock(
  scans: readonly RawScan[],
  statements: readonly Statement[],
): readonly RawScan[] {
  if (!statements.some(({ sql }) => CLOCK.test(sql))) return scans;
  const text = statements.map(({ sql, parameters }) => `${sql} ${JSON.stringify(parameters)}`).join(' ');
  const isWritten = (value: Constant) =>
    typeof value === 'boolean' || (typeof value === 'string' && value.length > 2 && text.includes(value));
  const settled = (condition: Condition): Condition => {
    switch (condition.kind) {
      case 'and':
        return allOf(condition.of.map(settled));
      case 'or':
        return oneOf(condition.of.map(settled));
      case 'compare':
        return condition.than.startsWith('>') || isWritten(condition.value) ? condition : ANY;
      case 'in':
        return condition.values.every(isWritten) ? condition : ANY;
      default:
        return condition;
    }
  };
  return scans.map((scan) => ({ ...scan, condition: settled(scan.condition) }));
}
