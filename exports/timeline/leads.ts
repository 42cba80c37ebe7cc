/** What is not in a timeline and may belong to it: who else came from its addresses, and from where else its people came. */

import { isIP } from 'node:net';
import { isDirect } from './links.ts';
import type { Lead, RecordLine, RecordRow, Selectors } from './model.ts';
import { textOf } from './records.ts';

const MOST_LEADS = 6;
/** Names and addresses asked about. */
const MOST_ASKED = 200;
/** Named in one sentence. */
const MOST_NAMED = 3;

/** A wrong guess at a password is no use of an address by them. */
const ownOf = (records: readonly RecordLine[]): RecordLine[] =>
  records.filter(
    ({ kind, row, links }) =>
      kind === 'event' && row['status'] !== 'failure' && links.some((link) => link.kind !== 'behind'),
  );

/** The addresses and names of a timeline that others may share. */
export function sharedBy(records: readonly RecordLine[]): { ips: string[]; names: string[] } {
  const own = ownOf(records);
  const values = (name: string) =>
    [...new Set(own.map(({ row }) => textOf(row[name])))].filter((text) => text !== null);
  return {
    ips: values('src_ip')
      .filter((ip) => isIP(ip) !== 0)
      .slice(0, MOST_ASKED),
    names: values('actor_name').slice(0, MOST_ASKED),
  };
}

/** Those with the most events first. `pairs`: names and addresses seen together in these hours, with how often. */
export function leadsOf(
  pairs: readonly RecordRow[],
  records: readonly RecordLine[],
  selectors: Selectors,
): Lead[] {
  const own = ownOf(records);
  const { ips } = sharedBy(records);
  const others = new Map<string, string[]>();
  const elsewhere: Lead[] = [];
  const known = new Set(records.map(({ row }) => JSON.stringify([row['actor_name'], row['src_ip']])));
  for (const pair of pairs) {
    const [name, ip] = [textOf(pair['actor_name'])!, textOf(pair['src_ip'])!];
    if (isIP(ip) === 0 || selectors.ips.includes(ip) || known.has(JSON.stringify([name, ip]))) continue;
    if (ips.includes(ip)) others.set(ip, [...(others.get(ip) ?? []), name]);
    else elsewhere.push({ selector: 'ip', value: ip, because: `${name} also acted from it` });
  }
  const shared = [...others].map(([value, list]): Lead => {
    const more = list.length > MOST_NAMED ? ` and ${list.length - MOST_NAMED} more` : '';
    return {
      selector: 'ip',
      value,
      because: `${list.slice(0, MOST_NAMED).join(', ')}${more} came from it too`,
    };
  });
  const people = selectors.actors.length > 0 ? [] : peopleOf(own);
  return unique([...people, ...shared, ...elsewhere]).slice(0, MOST_LEADS);
}

const PEOPLE: ReadonlySet<unknown> = new Set(['human', 'role_session', 'root']);

/** People of the timeline, who may have acted in ways that an address, a key or a target does not show. */
function peopleOf(own: readonly RecordLine[]): Lead[] {
  const counts = new Map<string, number>();
  for (const { row, links } of own) {
    const name = textOf(row['actor_name']);
    if (name !== null && PEOPLE.has(row['actor_type']) && isDirect(links))
      counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))
    .map(([value, events]) => ({
      selector: 'actor',
      value,
      because: `${events} of these events; what else they did is not here`,
    }));
}

const unique = (leads: readonly Lead[]): Lead[] => {
  const seen = new Set<string>();
  return leads.filter(({ selector, value }) => {
    const key = `${selector} ${value}`;
    return !seen.has(key) && seen.add(key);
  });
};
