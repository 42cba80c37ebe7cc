/**
 * Splits a vendor's name into lower-case words of letters and digits: at anything else, between `aB`, and inside
 * `ABc` before the last capital, so that `DescribeDBInstances` gives describe, db, instances. Total on any text.
 */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** Words as one segment of an action, at most `most` characters, never empty. */
export function segment(words: readonly string[], otherwise: string, most: number): string {
  return words.join('_').slice(0, most).replace(/_$/, '') || otherwise;
}
