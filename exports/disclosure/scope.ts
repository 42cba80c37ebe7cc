/** What a lawful order asks for, and the one statement that selects it. Nothing is matched loosely: what is like it is not it. */

import type { Parameters } from '../../engine/parameters.ts';
import { EVENT_COLUMNS } from '../../schema/columns.ts';
import { AkashiError } from '../../schema/error.ts';
import type { Selection } from '../ocsf-selection.ts';

export interface Scope {
  /** As records name them, letter for letter; any where none is given. */
  readonly principals: readonly string[];
  /** Accounts, subscriptions or projects; any where none is given. */
  readonly accounts: readonly string[];
  readonly since: Date;
  /** Exclusive. */
  readonly until: Date;
}

export interface Order {
  /** Who ordered it. */
  readonly authority: string;
  /** One of `ORDER_TYPES`, or the order's own name. */
  readonly type: string;
  readonly number: string;
  /** `2026-11-20`. */
  readonly date: string;
  /** Who carries it out here. */
  readonly personInCharge: string;
}

/** Names under which orders are known; the text is what the cover says. */
export const ORDER_TYPES: Readonly<Record<string, { readonly en: string; readonly ja: string }>> = {
  'jp-provision': {
    en: 'Order to provide electronic records (Japan, Code of Criminal Procedure as amended by Act No. 39 of 2025)',
    ja: '電磁的記録提供命令（刑事訴訟法、令和7年法律第39号による改正後）',
  },
  'us-2703d': {
    en: 'Court order under 18 U.S.C. § 2703(d)',
    ja: '合衆国法典第18編第2703条(d)に基づく裁判所命令',
  },
  'us-subpoena': { en: 'Subpoena (United States)', ja: '罰則付召喚令状（米国）' },
  'us-warrant': { en: 'Search warrant (United States)', ja: '捜索令状（米国）' },
  'eu-production': {
    en: 'European Production Order, Regulation (EU) 2023/1543',
    ja: '欧州提出命令（規則(EU) 2023/1543）',
  },
};

/** Columns that may name who did it. */
const WHO = ['actor_id', 'actor_name', 'actor_principal', 'actor_on_behalf_of', 'actor_credential'] as const;

/** Throws DISCLOSURE_SCOPE for an order that is not limited. */
export function checkScope({ principals, accounts, since, until }: Scope): void {
  if (principals.length + accounts.length === 0)
    throw new AkashiError(
      'DISCLOSURE_SCOPE',
      'A disclosure is limited by --principal or --account, or by both; neither was given.',
    );
  if ([...principals, ...accounts].some((one) => one.trim() === ''))
    throw new AkashiError(
      'DISCLOSURE_SCOPE',
      'A principal or account with no text in it names nobody, and nobody is not everybody.',
    );
  if (!(since < until))
    throw new AkashiError('DISCLOSURE_SCOPE', '--since must be before --until: a disclosure is of a period.');
}

/** Whole rows of `events` within the scope, in one order. */
export function selectionOf({ principals, accounts, since, until }: Scope): Selection {
  const parameters: Record<string, string | Date> = { since, until };
  const bind = (name: string, values: readonly string[]): string =>
    values
      .map((value, at) => {
        parameters[`${name}${at}`] = value;
        return `$${name}${at}`;
      })
      .join(', ');
  const conditions = ['time >= $since', 'time < $until'];
  if (accounts.length > 0) conditions.push(`account IN (${bind('account', accounts)})`);
  if (principals.length > 0) {
    const names = bind('principal', principals);
    conditions.push(`(${WHO.map((column) => `${column} IN (${names})`).join(' OR ')})`);
  }
  const columns = EVENT_COLUMNS.map(({ name }) => `"${name}"`).join(', ');
  const sql = `SELECT ${columns} FROM events WHERE ${conditions.join(' AND ')} ORDER BY time, source, evidence, locator`;
  return { table: 'events', sql, parameters: parameters as Parameters };
}

export const scopeFacts = ({ principals, accounts, since, until }: Scope) => ({
  principals,
  accounts,
  since: since.toISOString(),
  until: until.toISOString(),
});
