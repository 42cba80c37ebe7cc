/** DuckDB's errors as codes to branch on. */

/** The first kind that a message fits decides. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [
    /bad_alloc|bad allocation|out of memory|string_too_long|invalid string length|array buffer allocation/i,
    'SQL_MEMORY',
  ],
  // The kernel's answer to a file that grows past its limit.
  [/File too large/, 'SQL_RESULT_TOO_LARGE'],
  [/^(?:Parser|Binder|Catalog|Syntax) Error/, 'SQL_INVALID'],
  [/^Permission Error/, 'SQL_NOT_ALLOWED'],
  [
    /^IO Error: (?:No files found|Cannot open file|Could not read)|No magic bytes found/,
    'SQL_LAKE_UNREADABLE',
  ],
];

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/**
 * `SQL_INVALID` (a name or type does not fit), `SQL_MEMORY`, `SQL_RESULT_TOO_LARGE`, `SQL_NOT_ALLOWED`,
 * `SQL_LAKE_UNREADABLE` (a file that the ledger names is gone or broken), else `SQL_FAILED` (a value did not fit).
 */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const code = KINDS.find(([pattern]) => pattern.test(message))?.[1] ?? 'SQL_FAILED';
  if (code !== 'SQL_LAKE_UNREADABLE') return { code, message };
  const way =
    'a data file of the lake is missing or cannot be read; `akashi verify --deep` names what is wrong';
  return { code, message: `${way}\n${message}` };
}
