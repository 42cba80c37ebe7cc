/** Bounds that keep memory flat whatever the body holds. Beyond them a record is reported, never dropped in silence. */

/** Longest JSON record or text line read as one, bytes. A Log Analytics answer of 500,000 rows is about 100 MB. */
export const MAX_RECORD_BYTES = 128 * 2 ** 20;

/** How much of a broken record is kept in `quarantine.raw`, bytes; the evidence keeps all of it. */
export const BROKEN_RAW_BYTES = 4096;
