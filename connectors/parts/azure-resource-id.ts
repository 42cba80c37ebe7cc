/** Azure resource ids as records name them: taken apart once, since the same ones come again and again. */

import { type AzureId, isAzureId, parseAzureId } from '../../schema/scopes/azure-id.ts';

const known = new Map<string, AzureId | null>();
const KNOWN_LIMIT = 10_000;
const LONGEST_REMEMBERED = 1024;

/** Takes an id apart; null for text that is none. */
export function parseResourceId(id: string | null): AzureId | null {
  if (id === null || id.charCodeAt(0) !== 0x2f) return null;
  const remembered = known.get(id);
  if (remembered !== undefined) return remembered;
  const parsed = parseAzureId(id);
  if (id.length <= LONGEST_REMEMBERED) {
    if (known.size >= KNOWN_LIMIT) known.clear();
    known.set(id, parsed);
  }
  return parsed;
}

/** Whether the value is text that begins as a resource id does. */
export function isResourceId(value: unknown): value is string {
  return typeof value === 'string' && isAzureId(value);
}
