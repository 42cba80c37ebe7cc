/** Times as requests write them. */

import { z } from 'zod';

/** An instant as text, in microseconds. */
export const instant = z
  .string()
  .transform((text) => Date.parse(text) * 1000)
  .refine(Number.isFinite, 'must be a time such as 2026-03-01T00:00:00Z');
