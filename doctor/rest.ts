/** Lists that a vendor's REST interface gives page by page. */

import { type Authorize, askHttp, httpError, wholeBody } from '../connectors/delivery/http.ts';

export interface RestList {
  readonly authorize: Authorize;
  readonly signal: AbortSignal;
  /** What reading it takes, in the vendor's words; how credentials are renewed. */
  readonly permission: string;
  readonly renew: string;
}

/** Pages are followed at most. */
const MOST_PAGES = 200;

/** One answer as JSON. Throws as a pull does. */
export async function restGet(
  url: string,
  what: string,
  { authorize, signal, permission, renew }: RestList,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const bytes = await askHttp({ method: 'GET', url }, authorize, signal, wholeBody);
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    throw httpError(error, what, permission, renew);
  }
}

/** Every item of a list whose answers hold items in `member` and say how to go on. `next` is null at the end. */
export async function restList(
  first: string,
  member: string,
  next: (answer: Readonly<Record<string, unknown>>) => string | null,
  what: string,
  list: RestList,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const items: Readonly<Record<string, unknown>>[] = [];
  let url: string | null = first;
  for (let page = 0; url !== null && page < MOST_PAGES; page++) {
    const answer = await restGet(url, what, list);
    const found = answer[member];
    if (Array.isArray(found)) for (const item of found) if (isObject(item)) items.push(item);
    const following = next(answer);
    // Credentials are sent to nobody else.
    url =
      following !== null && URL.canParse(following) && new URL(following).origin === new URL(first).origin
        ? following
        : null;
  }
  return items;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
