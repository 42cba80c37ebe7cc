/** Events from outside, checked before anything is done. */

import type { z } from 'zod';
import { AkashiError } from '../../schema/error.ts';

const MOST_SHOWN = 500;

/** Throws EVENT_WRONG with each member that breaks its rule. */
export function parsedEvent<T extends z.ZodType>(name: string, shape: T, event: unknown): z.output<T> {
  const parsed = shape.safeParse(event);
  if (parsed.success) return parsed.data;
  const rules = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new AkashiError(
    'EVENT_WRONG',
    `${name} was called with ${JSON.stringify(event)?.slice(0, MOST_SHOWN)}, and ${rules.join('; ')}. See functions/README.md ` +
      'for what it takes.',
  );
}
