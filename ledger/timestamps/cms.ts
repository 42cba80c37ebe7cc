/** Pieces that CMS structures share. */

import { type Der, Malformed, members, oidOf, TAG } from './der.ts';

/** Context-specific tags, primitive and constructed. */
export const primitive = (number: number): number => 0x80 | number;
export const constructed = (number: number): number => 0xa0 | number;

/** The one member of a value that wraps another. Throws Malformed. */
export function onlyMember({ children }: Der): Der {
  const [only, ...more] = children;
  if (only === undefined || more.length > 0)
    throw new Malformed(`${children.length} members in place of one`);
  return only;
}

/** OID of an algorithm that has no parameters, or NULL. */
export function algorithmOf(node: Der): string {
  const algorithm = members(node);
  const oid = oidOf(algorithm.next(TAG.oid));
  algorithm.optional(TAG.null);
  algorithm.end();
  return oid;
}
