/** Where in a body a part of a record is. */

const REBUILT = ';rebuilt';

/**
 * The locator of what `pointer` names inside the record at `outer`. It ends in `;rebuilt` when the part's text is
 * written anew, or when the record's own bytes were not valid text.
 */
export function within(outer: string, pointer: string, rebuilt = false): string {
  if (outer.endsWith(REBUILT)) return `${outer.slice(0, -REBUILT.length)};pointer=${pointer}${REBUILT}`;
  return `${outer};pointer=${pointer}${rebuilt ? REBUILT : ''}`;
}
