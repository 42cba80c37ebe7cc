/** Patterns as data: which messages a program writes, and which part of each is what. */

import type { LinuxFact } from './linux-fact.ts';

/**
 * One kind of message. Users choose their names, hosts and client banners, so a pattern is anchored at both ends and
 * takes such text greedily: what the program itself writes after it is matched last, from the right.
 */
export interface Rule {
  readonly event: string;
  /** Text the message begins with; checked first, as it costs nothing. */
  readonly starts: string;
  /** Named groups are members of LinuxFact; all other names become details. */
  readonly pattern: RegExp;
  readonly status?: 'success' | 'failure';
  /** Groups whose text names a group, not a user. */
  readonly targetType?: 'user' | 'group';
}

/** Longest message that patterns are tried on. sshd cuts its own at 1 KiB; longer ones are no sshd's. */
export const LONGEST_MESSAGE = 16 * 1024;

const MEMBERS = new Set([
  'user',
  'target',
  'from',
  'host',
  'port',
  'to',
  'command',
  'credential',
  'session',
  'onBehalfOf',
  'protocol',
  'reason',
  'count',
  'requestId',
]);

/** The first rule that matches, or null. */
export function matchRules(rules: readonly Rule[], message: string): LinuxFact | null {
  if (message.length > LONGEST_MESSAGE) return null;
  for (const rule of rules) {
    if (!message.startsWith(rule.starts)) continue;
    const match = rule.pattern.exec(message);
    if (match !== null) return factOf(rule, match.groups ?? {});
  }
  return null;
}

function factOf(rule: Rule, groups: Readonly<Record<string, string | undefined>>): LinuxFact {
  const fact: Record<string, string> = {};
  const details: Record<string, string> = {};
  for (const name in groups) {
    const value = groups[name];
    if (value === undefined || value === '') continue;
    if (MEMBERS.has(name)) fact[name] = value;
    else details[name] = value;
  }
  return { ...fact, event: rule.event, status: rule.status, targetType: rule.targetType, details };
}
