/** Messages that PAM modules write under the name of the program that called them: https://man7.org/linux/man-pages/man8/pam_unix.8.html */

import { type LinuxFact, switchesAccount } from './linux-fact.ts';
import { LONGEST_MESSAGE, matchRules, type Rule } from './linux-rules.ts';

const MODULE = /^(pam_\w{1,40})\(([^\s:()]{1,64}):(\w{1,20})\): /;

/** `logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root`: the name is the caller's text, and comes last. */
const CALLER = /^logname=(\S*) uid=(\d*) euid=(\d*) tty=(\S*) ruser=(\S*) rhost=(\S*)(?: {1,2}user=(.*))?$/s;

const RULES: readonly Rule[] = [
  {
    event: 'session_opened',
    starts: 'session opened for user ',
    pattern:
      /^session opened for user (?<user>\S+?)(?:\(uid=(?<uid>\d+)\))? by (?<by>[^()]*)(?:\(uid=(?<by_uid>\d+)\))?$/,
    status: 'success',
  },
  {
    event: 'session_closed',
    starts: 'session closed for user ',
    pattern: /^session closed for user (?<user>\S+)$/,
    status: 'success',
  },
  {
    event: 'password_changed',
    starts: 'password changed for ',
    pattern: /^password changed for (?<target>\S+)$/,
    status: 'success',
  },
  {
    event: 'account_locked',
    starts: 'Consecutive login failures for user ',
    pattern: /^Consecutive login failures for user (?<target>.*) account (?:temporarily )?locked$/s,
  },
  {
    event: 'authentication_failure',
    starts: 'auth could not identify password for ',
    pattern: /^(?<reason>auth could not identify password) for \[(?<user>.*)\]$/s,
    status: 'failure',
  },
];

/** What a PAM module says, or null where the message is none. `program` is folded. */
export function readPam(program: string, message: string): LinuxFact | null {
  if (message.length > LONGEST_MESSAGE) return null;
  const more = /^PAM (\d{1,9}) more authentication failures?; /.exec(message);
  if (more !== null) {
    const fact = failure('authentication_failures', message.slice(more[0].length), program);
    return fact === null ? null : { ...fact, count: more[1] };
  }
  const module = MODULE.exec(message);
  if (module === null) return null;
  const details = { pam_module: module[1]!, pam_service: module[2]!, pam_type: module[3]! };
  const said = message.slice(module[0].length);
  const fact = said.startsWith('authentication failure; ')
    ? failure('authentication_failure', said.slice('authentication failure; '.length), program)
    : turned(program, matchRules(RULES, said));
  if (fact === null) return { event: 'message', details };
  return { ...fact, details: { ...details, ...fact.details } };
}

/** Where the program switches accounts the session is the target's, and who opened it stands after `by`. */
function turned(program: string, fact: LinuxFact | null): LinuxFact | null {
  if (fact === null || (fact.event !== 'session_opened' && fact.event !== 'session_closed')) return fact;
  const { by, ...details } = fact.details ?? {};
  if (!switchesAccount(program)) {
    return { ...fact, details: by === undefined ? details : { ...details, opened_by: by } };
  }
  return { ...fact, user: by, target: fact.user, details };
}

function failure(event: string, text: string, program: string): LinuxFact | null {
  const caller = CALLER.exec(text);
  if (caller === null) return null;
  const [, logname, uid, euid, tty, ruser, rhost, name] = caller;
  const details: Record<string, string> = {};
  for (const [key, value] of Object.entries({ logname, uid, euid, tty, ruser })) {
    if (value !== undefined && value !== '') details[key] = value;
  }
  const from = rhost === '' ? undefined : rhost;
  const base: LinuxFact = { event, status: 'failure', from, details };
  if (!switchesAccount(program)) return { ...base, user: name };
  // sudo asks for the caller's own password, su for the other account's.
  return program === 'su'
    ? { ...base, user: ruser || logname, target: name }
    : { ...base, user: ruser || logname || name };
}
