/** What decides a file's bytes beside its rows; part of every data file's name. */

/** Raised whenever the encoder would write other bytes for the same rows. */
const ENCODER_VERSION = 5;

/** Compressed bytes depend on the zstd library, so its version belongs to ours. */
export const WRITER_VERSION = `${ENCODER_VERSION}-zstd${process.versions['zstd'] ?? 'unknown'}`;

/** In the form that parquet-mr parses: `name version X`. */
export const CREATED_BY = `akashi version ${WRITER_VERSION}`;
