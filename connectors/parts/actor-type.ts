/** One rule for `actor_type`, whatever the source. */

import type { AuditEvent } from '../../schema/columns.ts';

/** All that `actor_type` can hold. */
export const ACTOR_TYPES = [
  'human',
  'role_session',
  'service',
  'workload',
  'root',
  'anonymous',
  'unknown',
] as const;

/**
 * Empty where the record tells of nobody, `unknown` where it tells of somebody and not of what kind. To be anonymous is
 * to have no name, and to be known for it. A session alone is nobody: hosts number sessions before anyone is in.
 */
export function settleActorType(event: AuditEvent): void {
  const told =
    event.actor_name !== null ||
    event.actor_id !== null ||
    event.actor_principal !== null ||
    event.actor_credential !== null;
  if (told) event.actor_type ??= 'unknown';
  else if (event.actor_type === 'unknown') event.actor_type = null;
}
