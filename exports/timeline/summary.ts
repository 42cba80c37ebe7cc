/** A timeline in a few sentences: what was done, as whom, and how well it is proven. Nothing here is not in a line. */

import type { Lane } from './lanes.ts';
import { type ProofWord, proofWord, type RecordLine, type RecordRow, type TimelineData } from './model.ts';
import { numberOf, textOf } from './records.ts';
import { nameOf, sizeText, wordsOf } from './words.ts';

export interface Deed {
  readonly title: string;
  readonly grave: boolean;
  readonly count: number;
  /** What it was done to, each once, with how often. */
  readonly what: readonly string[];
}

export interface Identity {
  readonly name: string;
  readonly type: string | null;
  readonly lines: number;
  readonly clouds: readonly Lane[];
  /** By what led to it, where it does not fit by itself. */
  readonly because: string | null;
}

export interface Summary {
  readonly events: number;
  readonly flows: number;
  readonly gaps: number;
  readonly lanes: Readonly<Partial<Record<Lane, number>>>;
  readonly deeds: readonly Deed[];
  readonly identities: readonly Identity[];
  /** Names that were only tried: none of their lines did what it asked for. */
  readonly tried: readonly string[];
  readonly addresses: readonly { readonly ip: string; readonly lines: number }[];
  readonly proof: Readonly<Record<ProofWord, number>>;
}

interface Rule {
  readonly title: string;
  readonly grave: boolean;
  fits(action: string, row: RecordRow): boolean;
}

const changes = (row: RecordRow): boolean => row['read_only'] !== true;
const rule = (
  title: string,
  pattern: RegExp,
  grave = true,
  also: (row: RecordRow) => boolean = () => true,
): Rule => ({
  title,
  grave,
  fits: (action, row) => pattern.test(action) && also(row),
});

/** In the order of gravity; the first that fits counts. */
const RULES: readonly Rule[] = [
  rule(
    'tampered with logging',
    /^(logging|detection)\.\w+\.(stop|delete|update|disable|set)$/,
    true,
    changes,
  ),
  rule(
    'made credentials or accounts',
    /^iam\.(access_key|api_key|service_credential|login_profile|ssh_public_key|signing_certificate|workload_certificate|\w*token|user|service_account|mfa|identity_provider)\.(create|upload|update|enable|invite)$|^iam\.password\.(reset|change)$/,
  ),
  rule(
    'took or gave rights',
    /\.(grant|attach)$|^iam\.(policy|access_policy|role_trust|role_binding|group_member|group_owner|permission_boundary)\./,
    true,
    changes,
  ),
  rule(
    'opened the network',
    /^network\.\w*(firewall|acl|gateway|peering|address|endpoint|route)\w*\.(create|update|attach|grant|set)$/,
  ),
  rule('read secrets', /^secrets\.|^kms\.\w+\.decrypt$|_key\.list$|^iam\.\w*token\.get$/),
  rule(
    'read or copied data',
    /^(storage|database|data|backup|image)\.\w*(object|blob|file|table|query|snapshot|image|export|record)\w*\.(get|export|copy|share|read|execute|download)$/,
  ),
  rule('ran commands', /\.(execute)$|^compute\.(session|command)\./),
  rule('deleted, stopped or disabled', /\.(delete|stop|disable|remove|revoke)$/),
  {
    title: 'signed in',
    grave: false,
    fits: (action, row) => row['class'] === 'Authentication' || action.startsWith('signin.'),
  },
  { title: 'changed', grave: false, fits: (_, row) => row['read_only'] === false },
  { title: 'looked around', grave: false, fits: () => true },
];

/** Things named of one deed. */
const MOST_NAMED = 6;

export function summaryOf({ lines }: Pick<TimelineData, 'lines'>): Summary {
  const records = lines.filter((line): line is RecordLine => line.kind !== 'gap');
  const events = records.filter(({ kind }) => kind === 'event');
  const lanes: Partial<Record<Lane, number>> = {};
  for (const line of records) {
    const { lane } = wordsOf(line);
    lanes[lane] = (lanes[lane] ?? 0) + 1;
  }
  const proof = { stamped: 0, sealed: 0, unread: 0, broken: 0 };
  for (const line of records) proof[proofWord(line.proof)]++;
  return {
    events: events.length,
    flows: records.length - events.length,
    gaps: lines.length - records.length,
    lanes,
    deeds: [...deedsOf(events), ...flowDeeds(records.filter(({ kind }) => kind === 'flow'))],
    identities: identitiesOf(events.filter((line) => !wordsOf(line).failed)),
    tried: triedNames(events),
    addresses: addressesOf(events),
    proof,
  };
}

function deedsOf(events: readonly RecordLine[]): Deed[] {
  const groups = new Map<Rule, RecordLine[]>();
  const refused: RecordLine[] = [];
  for (const line of events) {
    // Who stands behind a credential did not do it here.
    if (line.links.length > 0 && line.links.every(({ kind }) => kind === 'behind')) continue;
    if (wordsOf(line).failed) refused.push(line);
    else {
      const action = textOf(line.row['action']) ?? '';
      const found = RULES.find((one) => one.fits(action, line.row))!;
      groups.set(found, [...(groups.get(found) ?? []), line]);
    }
  }
  const deeds = RULES.flatMap((one): Deed[] => {
    const group = groups.get(one);
    if (group === undefined) return [];
    return [{ title: one.title, grave: one.grave, count: group.length, what: named(group.map(thing)) }];
  });
  if (refused.length === 0) return deeds;
  return [
    ...deeds,
    { title: 'tried and failed', grave: false, count: refused.length, what: named(refused.map(deedName)) },
  ];
}

/** What a deed was done to; the deed itself where nothing is named. */
function thing(line: RecordLine): string {
  const { target, action } = wordsOf(line);
  const text = target === '' ? action : target;
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

const deedName = (line: RecordLine): string => wordsOf(line).action;

function named(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const list = [...counts].map(([name, count]) => (count > 1 ? `${name} ×${count}` : name));
  const more = list.length - MOST_NAMED;
  return more > 0 ? [...list.slice(0, MOST_NAMED), `${more} more`] : list;
}

/** Bytes by the end they went to, the largest first; and refused connections. */
function flowDeeds(flows: readonly RecordLine[]): Deed[] {
  const bytes = new Map<string, number>();
  let moved = 0;
  let refused = 0;
  for (const line of flows) {
    if (wordsOf(line).failed) {
      refused++;
      continue;
    }
    const to = textOf(line.row['dst_ip']);
    if (to === null) continue;
    moved++;
    bytes.set(to, (bytes.get(to) ?? 0) + (numberOf(line.row['bytes']) ?? 0));
  }
  const largest = [...bytes]
    .sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))
    .slice(0, MOST_NAMED)
    .map(([ip, sum]) => `${sizeText(sum)} to ${ip}`);
  return [
    ...(moved > 0 ? [{ title: 'sent over the network', grave: true, count: moved, what: largest }] : []),
    ...(refused > 0
      ? [
          {
            title: 'connections refused',
            grave: false,
            count: refused,
            what: named(
              flows.filter((line) => wordsOf(line).failed).map((line) => textOf(line.row['dst_ip']) ?? '-'),
            ),
          },
        ]
      : []),
  ];
}

function identitiesOf(events: readonly RecordLine[]): Identity[] {
  const found = new Map<
    string,
    { type: string | null; lines: number; clouds: Set<Lane>; because: string | null }
  >();
  for (const line of events) {
    const name = nameOf(line.row);
    if (name === '-') continue;
    const lane = wordsOf(line).lane;
    const own = found.get(name) ?? {
      type: textOf(line.row['actor_type']),
      lines: 0,
      clouds: new Set(),
      because: null,
    };
    found.set(name, own);
    own.lines++;
    own.clouds.add(lane);
    // What leads on to an identity says more than that its lines fit as well.
    own.because ??=
      line.links.find(
        ({ kind }) => ['credential', 'started', 'account', 'behind'].includes(kind) && !ownSession(line),
      )?.because ?? null;
  }
  return [...found]
    .map(([name, { clouds, ...rest }]) => ({ name, ...rest, clouds: [...clouds] }))
    .sort((a, b) => b.lines - a.lines || (a.name < b.name ? -1 : 1));
}

function triedNames(events: readonly RecordLine[]): string[] {
  const names = (failed: boolean) =>
    new Set(events.filter((line) => wordsOf(line).failed === failed).map(({ row }) => nameOf(row)));
  const acted = names(false);
  return [...names(true)].filter((name) => name !== '-' && !acted.has(name));
}

/** A session under the person's own name leads to nobody new. */
const ownSession = (line: RecordLine): boolean => {
  const name = textOf(line.row['actor_name']);
  return name !== null && line.links.some(({ because }) => because.includes(`by ${name} at`));
};

function addressesOf(events: readonly RecordLine[]): Summary['addresses'] {
  const counts = new Map<string, number>();
  for (const { row } of events) {
    const ip = textOf(row['src_ip']);
    if (ip !== null) counts.set(ip, (counts.get(ip) ?? 0) + 1);
  }
  return [...counts]
    .map(([ip, lines]) => ({ ip, lines }))
    .sort((a, b) => b.lines - a.lines || (a.ip < b.ip ? -1 : 1));
}
