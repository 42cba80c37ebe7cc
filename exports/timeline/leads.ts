/** What is not in a timeline and may belong to it: who else came from its addresses, and from where else its people came. */

import { isIP } from 'node:net';
import { isDirect } from './links.ts';
import type { Lead, RecordLine, Selectors } from './model.ts';
import { ask, type TimelineBase, textOf } from './records.ts';

const MOST_LEADS = 6;
/** Names and addresses asked about. */
const MOST_ASKED = 200;
/** Named in one sentence. */
const MOST_NAMED = 3;

/** Those with the most events first, of the hours of the timeline. */
export async function leadsOf(
  base: TimelineBase,
  span: { readonly from: number; readonly to: number },
  records: readonly RecordLine[],
  selectors: Selectors,
): Promise<Lead[]> {
  // A wrong guess at a password is no use of an address by them.
  const own = records.filter(
    ({ kind, row, links }) =>
      kind === 'event' && row['status'] !== 'failure' && links.some((link) => link.kind !== 'behind'),
  );
  const values = (name: string) =>
    [...new Set(own.map(({ row }) => textOf(row[name])))]
      .filter((text) => text !== null)
      .slice(0, MOST_ASKED);
  const ips = values('src_ip').filter((ip) => isIP(ip) !== 0);
  const names = values('actor_name');
  if (ips.length === 0 && names.length === 0) return [];
  const pairs = await ask(
    base,
    `SELECT actor_name, src_ip, count(*) AS events FROM events
    WHERE time >= $since AND time < $until AND actor_name IS NOT NULL AND src_ip IS NOT NULL
      AND (src_ip IN (SELECT unnest($ips)) OR actor_name IN (SELECT unnest($names)))
    GROUP BY ALL ORDER BY events DESC, actor_name, src_ip LIMIT 500`,
    { since: new Date(span.from / 1000), until: new Date(span.to / 1000), ips, names },
  );
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
