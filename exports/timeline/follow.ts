/**
 * Who stands behind a line, and what came of it: credentials and sessions that a line made are followed to what was done
 * with them, host accounts to what was done in them, and credentials that a line used back to whoever made them.
 */

import type { Link, RecordRow, Span } from './model.ts';
import { numberOf, recordsOf, type TimelineBase, textOf } from './records.ts';
import { type Condition, MAKERS } from './selection.ts';
import { clockText, nameOf } from './words.ts';

/** How often what was found is followed on: a role assumed with a key made in a session started with a role. */
const MOST_STEPS = 6;
/** Ids followed in one step. */
const MOST_IDS = 5_000;
/** Longest a host account counts as entered where its session's end is not on record, microseconds. */
const HOST_HOUR = 3_600e6;
/** An id of a credential or session; shorter words say too little. */
const ID = /[\p{L}\p{N}_-]{8,}/gu;
/** As Session Manager's StartSession answers. */
const SESSION = /"sessionId"\s*:\s*"([^"\\]{8,})"/;
const IS_MAKER = new RegExp(MAKERS);

export interface Followed {
  readonly row: RecordRow;
  readonly link: Link;
}

export interface FollowResult {
  readonly found: readonly Followed[];
  /** Credentials in use whose making is not in the lake, in the order of their first use. */
  readonly unmade: readonly string[];
  /** More could have been followed. */
  readonly stopped: boolean;
}

/** What a credential is known by when it is used: the last part of a longer name. */
export const credentialOf = (row: RecordRow): string | null =>
  /[^/]+$/.exec(textOf(row['actor_credential']) ?? '')?.[0] ?? null;

interface Made {
  readonly time: number;
  readonly because: string;
}

/** What the lines of one step lead to. */
interface Frontier {
  readonly ids: Map<string, Made>;
  readonly roles: Map<string, Made>;
  /** Of Session Manager. */
  readonly sessions: Map<string, Made>;
  readonly accounts: Account[];
}

/** An account of a host that was entered; it counts until its session ends. */
interface Account extends Made {
  /** The record of the login. */
  readonly uid: unknown;
  readonly name: string;
  readonly host: string;
  until: number;
}

/** Follows `rows` through the lake. `take` says of each row found whether it is new; only new ones lead on. */
export async function follow(
  base: TimelineBase,
  rows: readonly RecordRow[],
  span: Span,
  most: number,
  take: (followed: Followed) => boolean,
): Promise<FollowResult> {
  const found: Followed[] = [];
  const known = new Set<string>();
  const used: RecordRow[] = [...rows];
  let stopped = false;
  let step: readonly RecordRow[] = rows;
  for (let at = 0; step.length > 0; at++) {
    const frontier = leadsFrom(step, known);
    const size = frontier.ids.size + frontier.roles.size + frontier.sessions.size + frontier.accounts.length;
    if (size === 0) break;
    if (at === MOST_STEPS || size > MOST_IDS) {
      stopped = true;
      break;
    }
    const next: RecordRow[] = [];
    const reached = await reachedFrom(base, frontier, span, most);
    stopped ||= reached.length > most;
    for (const followed of reached.slice(0, most)) {
      if (!take(followed)) continue;
      found.push(followed);
      next.push(followed.row);
    }
    used.push(...next);
    step = next;
  }
  const behind = await makersOf(base, used, span, most, take);
  return { found: [...found, ...behind.found], unmade: behind.unmade, stopped: stopped || behind.stopped };
}

const succeeded = (row: RecordRow): boolean => row['status'] !== 'failure';

function leadsFrom(rows: readonly RecordRow[], known: Set<string>): Frontier {
  const frontier: Frontier = { ids: new Map(), roles: new Map(), sessions: new Map(), accounts: [] };
  for (const row of rows) {
    const time = numberOf(row['micros']);
    if (time === null || !succeeded(row)) continue;
    const host = textOf(row['dst_host']);
    const name = textOf(row['actor_name']);
    if (row['class'] === 'Authentication' && host !== null && name !== null && row['src_ip'] !== null) {
      const key = `account ${JSON.stringify([name, host, time])}`;
      if (!known.has(key))
        frontier.accounts.push({
          uid: row['uid'],
          name,
          host,
          time,
          until: time + HOST_HOUR,
          because: `${name} on ${host}, entered from ${textOf(row['src_ip'])} at ${clockText(time)}`,
        });
      known.add(key);
    }
    if (!IS_MAKER.test(textOf(row['action']) ?? '')) continue;
    const by = `made by ${nameOf(row)} at ${clockText(time)}`;
    const response = textOf(row['made_response']) ?? '';
    const role = roleOf(response);
    if (role !== null && !known.has(`role ${role}`)) {
      known.add(`role ${role}`);
      frontier.roles.set(role, { time, because: `role session ${role.split('/').at(-1)}, ${by}` });
    }
    const session = SESSION.exec(response)?.[1];
    if (session !== undefined && !known.has(`session ${session}`)) {
      known.add(`session ${session}`);
      const because = `session ${session}, started by ${nameOf(row)} at ${clockText(time)}`;
      frontier.sessions.set(session, { time, because });
    }
    const own = credentialOf(row);
    for (const [id] of `${response} ${textOf(row['made_request']) ?? ''}`.matchAll(ID)) {
      if (id === own || known.has(id)) continue;
      known.add(id);
      frontier.ids.set(id, { time, because: by });
    }
  }
  return frontier;
}

/** The session that AssumeRole and its like gave: `arn:…:assumed-role/name/session`. */
function roleOf(response: string): string | null {
  return /"(arn:[a-z-]+:sts::\d+:(?:assumed-role|federated-user)\/[^"\\]+)"/.exec(response)?.[1] ?? null;
}

async function reachedFrom(
  base: TimelineBase,
  frontier: Frontier,
  span: Span,
  most: number,
): Promise<Followed[]> {
  const { ids, roles, sessions, accounts } = frontier;
  const parts: string[] = [];
  const parameters: Record<string, readonly string[]> = {};
  if (ids.size > 0) {
    parts.push("regexp_extract(actor_credential, '[^/]+$') IN (SELECT unnest($ids))");
    parameters['ids'] = [...ids.keys()];
  }
  if (sessions.size > 0) {
    parts.push(
      `(source = 'aws.ssmsession' AND (actor_session IN (SELECT unnest($sessions)) OR evidence IN
        (SELECT sha256 FROM evidence, (SELECT unnest($sessions) AS session)
        WHERE source = 'aws.ssmsession' AND contains(parse_filename(origin), session))))`,
    );
    parameters['sessions'] = [...sessions.keys()];
  }
  if (roles.size > 0) {
    // With a credential of its own it is another session of the same name.
    parts.push('(actor_credential IS NULL AND actor_id IN (SELECT unnest($roles)))');
    parameters['roles'] = [...roles.keys()];
  }
  if (accounts.length > 0) {
    parts.push('(dst_host IN (SELECT unnest($hosts)) AND actor_name IN (SELECT unnest($names)))');
    parameters['hosts'] = [...new Set(accounts.map(({ host }) => host))];
    parameters['names'] = [...new Set(accounts.map(({ name }) => name))];
  }
  const all: readonly Made[] = [...ids.values(), ...roles.values(), ...sessions.values(), ...accounts];
  const earliest = all.reduce((least, { time }) => Math.min(least, time), Infinity);
  const wanted: Condition = { sql: `time IS NOT NULL AND (${parts.join(' OR ')})`, parameters };
  const from = Math.max(span.from ?? -Infinity, earliest);
  const rows = await recordsOf(base, { event: wanted }, { from, to: span.to }, most);
  endSessions(accounts, rows);
  return rows.flatMap((row) => {
    const link = linkOf(row, frontier);
    return link === null ? [] : [{ row, link }];
  });
}

/** An account is entered until the first end of a session in it; without one for an hour. */
function endSessions(accounts: readonly Account[], rows: readonly RecordRow[]): void {
  for (const account of accounts) {
    const end = rows.find(
      (row) =>
        row['action'] === 'host.session.end' &&
        row['actor_name'] === account.name &&
        row['dst_host'] === account.host &&
        numberOf(row['micros'])! >= account.time,
    );
    if (end !== undefined) account.until = numberOf(end['micros'])!;
  }
}

function linkOf(row: RecordRow, { ids, roles, sessions, accounts }: Frontier): Link | null {
  const time = numberOf(row['micros'])!;
  const key = credentialOf(row);
  const credential = key === null ? undefined : ids.get(key);
  if (credential !== undefined && time >= credential.time)
    return { kind: 'credential', because: `key ${key}, ${credential.because}` };
  const role = roles.get(textOf(row['actor_id']) ?? '');
  if (role !== undefined && key === null && time >= role.time)
    return { kind: 'started', because: role.because };
  if (row['source'] === 'aws.ssmsession') {
    const own = sessions.get(textOf(row['actor_session']) ?? '');
    // The file may have been named after its session where the text does not say.
    const session = own ?? [...sessions.values()].find((one) => time >= one.time);
    if (session !== undefined) return { kind: 'started', because: session.because };
  }
  const account = accounts.find(
    ({ uid, name, host, time: from, until }) =>
      name === row['actor_name'] &&
      host === row['dst_host'] &&
      uid !== row['uid'] &&
      time >= from &&
      time <= until,
  );
  return account === undefined ? null : { kind: 'account', because: account.because };
}

/** Whoever made what a line used, and what they used to make it, back to the first. */
async function makersOf(
  base: TimelineBase,
  rows: readonly RecordRow[],
  span: Span,
  most: number,
  take: (followed: Followed) => boolean,
): Promise<FollowResult> {
  const found: Followed[] = [];
  const asked = new Set<string>();
  const unmade: string[] = [];
  let stopped = false;
  const own = new Set(rows.flatMap(idsIn));
  let step: readonly RecordRow[] = rows;
  for (let at = 0; ; at++) {
    const keys = [...new Set(step.map(credentialOf))].filter(
      (key): key is string =>
        key !== null && /^[\p{L}\p{N}_-]{8,}$/u.test(key) && !own.has(key) && !asked.has(key),
    );
    if (keys.length === 0) break;
    if (at === MOST_STEPS || keys.length > MOST_IDS) {
      stopped = true;
      break;
    }
    for (const key of keys) asked.add(key);
    const wanted: Condition = {
      sql: `regexp_matches(action, '${MAKERS}') AND status IS DISTINCT FROM 'failure'
        AND list_has_any(regexp_extract_all(response, '[\\p{L}\\p{N}_-]{8,}'), $keys)`,
      parameters: { keys },
    };
    // A key can be far older than what is asked about.
    const makers = await recordsOf(base, { event: wanted }, { from: null, to: span.to }, most);
    const made = new Map(makers.flatMap((row) => idsIn(row).map((id) => [id, row] as const)));
    const next: RecordRow[] = [];
    for (const key of keys) {
      const row = made.get(key);
      if (row === undefined) {
        unmade.push(key);
        continue;
      }
      const link: Link = { kind: 'behind', because: `made key ${key}, which was used here` };
      if (!take({ row, link })) continue;
      found.push({ row, link });
      next.push(row);
    }
    step = next;
  }
  return { found, unmade, stopped };
}

const idsIn = (row: RecordRow): string[] =>
  [...(textOf(row['made_response']) ?? '').matchAll(ID)].map(([id]) => id);
