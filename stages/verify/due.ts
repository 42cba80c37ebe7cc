/**
 * What a verification that comes back every day asks for one by one. Everything is listed each time: what is gone, what has
 * another size, what somebody put over it or deleted shows at once. Until when the store keeps a body is said by no listing,
 * and costs a request for each: it is asked of what came since the last verification that found nothing wrong, and of a share of
 * the rest by the calendar, so that each is asked again within `SHARE_DAYS` days.
 */

/** Days within which everything has its turn. */
export const SHARE_DAYS = 28;
const DAY_MILLIS = 86_400_000;
/** The store's clock and that of who remembers may differ by some minutes. */
const CLOCKS_MILLIS = 10 * 60_000;

export interface Due {
  /** Entries of the ledger below this index were found good before. */
  readonly sealedBefore: number;
  /** What the store took since then it did not have then, whatever the ledger says. */
  readonly storedSince: Date;
  /** Whether the share of these days has it: by 32 bits of a hash, as 8 hex digits or more. */
  hasTurn(hash: string): boolean;
}

/**
 * `size`: entries of the ledger at the last verification that found nothing wrong, `last` when that was. Days on which none
 * was found good are made up for, so that a failure puts nothing off.
 */
export function dueOf(size: number, last: Date, now: Date): Due {
  const today = dayOf(now);
  const first = Math.max(Math.min(dayOf(last) + 1, today), today - SHARE_DAYS + 1);
  const turns = new Set<number>();
  for (let day = first; day <= today; day++) turns.add(turnOf(day));
  return {
    sealedBefore: size,
    storedSince: new Date(last.getTime() - CLOCKS_MILLIS),
    hasTurn: (hash) => turns.has(turnOf(Number.parseInt(hash.slice(0, 8), 16))),
  };
}

const dayOf = (date: Date): number => Math.floor(date.getTime() / DAY_MILLIS);
const turnOf = (number: number): number => number % SHARE_DAYS;
