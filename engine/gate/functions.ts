/** Which functions a query may call. The reviewed list is `functions.json`; its test holds it against DuckDB's own. */

import reviewed from '../functions.json' with { type: 'json' };

const namesOf = (families: Readonly<Record<string, { readonly names: string }>>): ReadonlySet<string> =>
  new Set(Object.values(families).flatMap((family) => family.names.split(' ')));

/** Functions that may stand in FROM. */
export const TABLE_FUNCTIONS = namesOf(reviewed.table);

const ALLOWED = namesOf(reviewed.allowed);

const REFUSED = Object.values(reviewed.refused).map(({ why, names }) => ({
  why,
  pattern: new RegExp(`^(?:${names.split(' ').join('|').replaceAll('*', '.*')})$`),
}));

/** Whether a query may call the scalar, aggregate or window function `name` (lower case). */
export const functionAllowed = (name: string): boolean => ALLOWED.has(name);

/** Why a known function is refused; undefined for one nobody has heard of. */
export const refusalReason = (name: string): string | undefined =>
  REFUSED.find(({ pattern }) => pattern.test(name))?.why;
