/** Selectors as conditions over the views `events` and `flows`. Values go as parameters, never as text of the statement. */

import type { Parameters } from '../../engine/parameters.ts';
import type { Selectors, Span } from './model.ts';

export interface Condition {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string | Date | readonly string[]>>;
  /** A list of the selectors that a row fits, by `selectorName`. */
  readonly fits?: string;
}

export const selectorName = (selector: keyof Selectors, at: number): string => `${selector}${at}`;

/** Operations that make a credential or a session for somebody. */
export const MAKERS =
  '^(iam\\.(access_key|api_key|service_credential|workload_certificate|device_key|\\w*token)\\.(create|upload|assume|get)' +
  '|iam\\.role\\w*\\.assume|signin\\.(role\\.assume|federated_role\\.get)|compute\\.session\\.start)$';

/** Words of letters and digits that hold together as an id does. */
const WORD_END = '[^\\p{L}\\p{N}]';

/** Whole words: `jane` is found in `jane@example.com` and `role/jane`, not in `janet`. */
export const wordPattern = (text: string): string => `(^|${WORD_END})${escaped(text)}($|${WORD_END})`;

const escaped = (text: string): string => text.toLowerCase().replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Finding a text is faster than matching it, and most rows do not even have it. */
const says = (expression: string, name: string): string =>
  `(contains(lower(${expression}), $${name}) AND regexp_matches(lower(${expression}), $${name}_word))`;

const last = (column: string): string => `regexp_extract(${column}, '[^/]+$')`;

/** Transcripts of Session Manager name their person and session in the file's name alone. */
const transcripts = (condition: string): string =>
  `(source = 'aws.ssmsession' AND evidence IN (SELECT sha256 FROM evidence WHERE source = 'aws.ssmsession' AND ${condition}))`;

/** What each selector asks of each table; null where the table says nothing of it. */
const RULES: Readonly<
  Record<keyof Selectors, Readonly<Record<'events' | 'flows', ((name: string) => string) | null>>>
> = {
  actors: {
    events: (name) =>
      [
        ...['actor_name', 'actor_id', 'actor_principal', 'actor_session', 'actor_on_behalf_of'].map(
          (column) => says(column, name),
        ),
        // Who federated a user.
        `(contains(actor_issuer, ':user/') AND ${says('actor_issuer', name)})`,
        transcripts(says('parse_filename(origin)', name)),
      ].join(' OR '),
    flows: null,
  },
  ips: {
    events: (name) =>
      [
        `src_ip = $${name}`,
        `dst_ip = $${name}`,
        `(contains(command, $${name}) AND regexp_matches(command, $${name}_word))`,
      ].join(' OR '),
    flows: (name) =>
      ['src_ip', 'dst_ip', 'pkt_src_ip', 'pkt_dst_ip'].map((column) => `${column} = $${name}`).join(' OR '),
  },
  targets: {
    events: (name) =>
      ['target_id', 'target_name', 'dst_host', "array_to_string(targets, ' ')"]
        .map((expression) => says(expression, name))
        .join(' OR '),
    flows: (name) =>
      ['instance', 'interface', 'vpc', 'subnet', 'src_ip', 'dst_ip']
        .map((column) => says(column, name))
        .join(' OR '),
  },
  sessions: {
    events: (name) =>
      [
        ...['actor_session', 'actor_id'].map((column) => says(column, name)),
        transcripts(says('parse_filename(origin)', name)),
        made(`(${says('request', name)} OR ${says('response', name)})`),
      ].join(' OR '),
    flows: null,
  },
  keys: {
    events: (name) =>
      [
        `${last('actor_credential')} = $${name}_exact`,
        ...['actor_credential', 'target_id', 'target_name'].map((column) => `${column} = $${name}_exact`),
        `list_contains(targets, $${name}_exact)`,
        made(`contains(response, $${name}_exact)`),
      ].join(' OR '),
    flows: null,
  },
};

const made = (condition: string): string => `(regexp_matches(action, '${MAKERS}') AND ${condition})`;

/** Rows of a table that fit any selector; null where no selector speaks of the table. */
export function selecting(table: 'events' | 'flows', selectors: Selectors): Condition | null {
  const parts: string[] = [];
  const fits: string[] = [];
  const parameters: Record<string, string> = {};
  for (const [selector, rules] of Object.entries(RULES) as [keyof Selectors, (typeof RULES)['ips']][]) {
    const rule = rules[table];
    if (rule === null) continue;
    selectors[selector].forEach((value, at) => {
      const name = selectorName(selector, at);
      const sql = `(${rule(name)})`;
      parts.push(sql);
      fits.push(`CASE WHEN ${sql} THEN '${name}' END`);
      const all = {
        [name]: value.toLowerCase(),
        [`${name}_word`]: wordPattern(value),
        [`${name}_exact`]: value,
      };
      for (const [key, text] of Object.entries(all))
        if (new RegExp(`\\$${key}\\b`).test(sql)) parameters[key] = text;
    });
  }
  if (parts.length === 0) return null;
  return {
    sql: parts.join(' OR '),
    parameters,
    fits: `list_filter([${fits.join(', ')}], lambda name: name IS NOT NULL)`,
  };
}

/** The condition on time, in a form that lets whole files be passed over; true without bounds. */
export function within({ from, to }: Span): Condition {
  const bounds = [
    ...(from === null ? [] : [['time >= $since', { since: new Date(from / 1000) }] as const]),
    ...(to === null ? [] : [['time < $until', { until: new Date(to / 1000) }] as const]),
  ];
  return {
    sql: bounds.map(([sql]) => sql).join(' AND ') || 'true',
    parameters: Object.assign({}, ...bounds.map(([, parameters]) => parameters)) as Condition['parameters'],
  };
}

export const parametersOf = (...conditions: readonly Condition[]): Parameters =>
  Object.assign({}, ...conditions.map(({ parameters }) => parameters)) as Parameters;
