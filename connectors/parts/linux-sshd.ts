/** Messages of OpenSSH's daemon (sshd, sshd-session, sshd-auth): https://man.openbsd.org/sshd.8 */

import type { LinuxFact } from './linux-fact.ts';
import { LONGEST_MESSAGE, matchRules } from './linux-rules.ts';
import { SSHD_RULES } from './linux-sshd-rules.ts';

/**
 * `Failed password for invalid user <anything> from <address> port <n> ssh2[: <key type> <fingerprint>]`. The name is
 * the attacker's and may itself read ` from 192.0.2.1 port 22 ssh2`: only what stands last is sshd's own.
 */
const AUTHENTICATION =
  /^(Accepted|Failed|Postponed|Partial) (\S+) for ((?:invalid|illegal) user )?(.*) from (\S+) port (\d{1,5})(?: +(ssh\d?))?(?:: (\S+)(?: (\S+))?)?$/s;

/** With a certificate, whose key id is chosen by whoever signed it: on a failed attempt, by the attacker. */
const CERTIFICATE =
  /^(Accepted|Failed|Postponed|Partial) (\S+) for ((?:invalid|illegal) user )?(.*) from (\S+) port (\d{1,5}) (ssh\d?): (\S+-CERT\S*) (\S+) ID (.*) \(serial (\d+)\) CA (\S+) (\S+)$/s;
const CERTIFICATE_START = / from \S+ port \d{1,5} ssh\d?: \S+-CERT/g;

const EVENTS: Readonly<Record<string, Pick<LinuxFact, 'event' | 'status'>>> = {
  Accepted: { event: 'accepted', status: 'success' },
  Failed: { event: 'failed', status: 'failure' },
  Postponed: { event: 'postponed' },
  Partial: { event: 'partial' },
};

/** What sshd says, or null for a message of no kind we know. */
export function readSshd(message: string): LinuxFact | null {
  if (message.length > LONGEST_MESSAGE) return null;
  const prefix = /^(?:error|fatal): /.exec(message);
  // sshd's privileged process adds this to all its unprivileged one says; it is the one thing that always stands last.
  const whole = message.replace(/ \[preauth\]$/, '');
  const said = prefix === null ? whole : whole.slice(prefix[0].length);
  const found = readAuthentication(said) ?? matchRules(SSHD_RULES, said);
  if (found !== null) return withInvalidUser(found);
  return prefix === null ? null : { event: 'error', status: 'failure', reason: said };
}

function readAuthentication(message: string): LinuxFact | null {
  const event = EVENTS[message.slice(0, message.indexOf(' '))];
  if (event === undefined) return null;
  const certificate = CERTIFICATE.exec(message);
  if (certificate !== null) {
    const [, , method, invalid, user, from, port, protocol, keyType, credential, keyId, serial, , ca] =
      certificate;
    // Two places that read like sshd's own: name and key id cannot be told apart, so neither is believed.
    if ([...message.matchAll(CERTIFICATE_START)].length > 1) {
      return { ...event, details: { method: method!, ambiguous: 'true' } };
    }
    const details = { key_type: keyType!, key_id: keyId!, serial: serial!, ca: ca! };
    return authentication(event, { method, invalid, user, from, port, protocol, credential }, details);
  }
  const plain = AUTHENTICATION.exec(message);
  if (plain === null) return null;
  const [, , method, invalid, user, from, port, protocol, first, second] = plain;
  // Password logins name no key; Kerberos names one word, the client's principal.
  const details: Record<string, string> =
    second !== undefined ? { key_type: first! } : first !== undefined ? { principal: first } : {};
  return authentication(event, { method, invalid, user, from, port, protocol, credential: second }, details);
}

function authentication(
  event: Pick<LinuxFact, 'event' | 'status'>,
  parts: Readonly<
    Record<'method' | 'invalid' | 'user' | 'from' | 'port' | 'protocol' | 'credential', string | undefined>
  >,
  details: Readonly<Record<string, string>>,
): LinuxFact {
  const { method, invalid, user, from, port, protocol, credential } = parts;
  const state: Record<string, string> = invalid === undefined ? {} : { invalid_user: 'true' };
  return {
    ...event,
    user,
    from,
    port,
    protocol,
    credential,
    details: { method: method!, ...details, ...state },
  };
}

/** `invalid user` in any wording reads alike. */
function withInvalidUser(fact: LinuxFact): LinuxFact {
  const { state, ...details } = fact.details ?? {};
  if (state === undefined) return fact;
  const said: Record<string, string> =
    state === 'authenticating' ? { preauth: 'true' } : { invalid_user: 'true' };
  return { ...fact, details: { ...details, ...said } };
}
