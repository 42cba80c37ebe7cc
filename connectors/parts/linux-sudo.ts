/** Messages of sudo, su, doas and pkexec: one account acting as another. */

import type { LinuxFact } from './linux-fact.ts';
import { matchRules, type Rule } from './linux-rules.ts';

const COMMAND = 'COMMAND=';
/** Where `who : … ; COMMAND=` has to stand; a longer beginning is no sudo's. */
const LONGEST_BEGINNING = 16 * 1024;

/**
 * `alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls`, with a reason before TTY when it was refused.
 * https://www.sudo.ws/docs/man/sudoers.man/#EVENT_LOGGING
 *
 * A directory's name and a command's arguments are the user's own text and may hold ` ; USER=x ; COMMAND=y`. The command
 * is all that follows the first `COMMAND=`, so nothing is hidden; a target that is named twice is not believed.
 */
export function readSudo(message: string): LinuxFact | null {
  const who = /^(\S{1,256}) : /.exec(message);
  if (who === null) return null;
  const at = message.slice(0, LONGEST_BEGINNING).indexOf(COMMAND, who[0].length);
  const said = message.slice(who[0].length, at < 0 ? LONGEST_BEGINNING : at);
  const fields: Record<string, string> = {};
  let reason: string | undefined;
  for (const part of said.split(' ; ')) {
    const field = /^([A-Z]{2,12})=(.*)$/s.exec(part);
    if (field !== null) fields[field[1]!.toLowerCase()] ??= field[2]!.trimEnd();
    else if (part.trim() !== '') reason ??= part.trim();
  }
  if (at < 0 && reason === undefined && Object.keys(fields).length === 0) return null;
  const { user: target, host, ...details } = fields;
  const denied = reason !== undefined;
  return {
    event: denied ? 'denied' : at < 0 ? 'message' : 'command',
    status: denied ? 'failure' : at < 0 ? undefined : 'success',
    user: who[1],
    target: saysOnce(message, ' ; USER=') ? target : undefined,
    command: at < 0 ? undefined : message.slice(at + COMMAND.length),
    reason,
    details: host === undefined ? details : { ...details, sudo_host: host },
  };
}

function saysOnce(message: string, text: string): boolean {
  return message.indexOf(text) === message.lastIndexOf(text);
}

const SU: readonly Rule[] = [
  {
    event: 'switched',
    starts: '(to ',
    pattern: /^\(to (?<target>\S+)\) (?<user>\S+) on (?<tty>\S+)$/,
    status: 'success',
  },
  {
    event: 'failed',
    starts: 'FAILED SU (to ',
    pattern: /^FAILED SU \(to (?<target>.+)\) (?<user>\S+) on (?<tty>\S+)$/s,
    status: 'failure',
  },
  {
    event: 'switched',
    starts: 'Successful su for ',
    pattern: /^Successful su for (?<target>\S+) by (?<user>\S+)$/,
    status: 'success',
  },
  {
    event: 'failed',
    starts: 'FAILED su for ',
    pattern: /^FAILED su for (?<target>.+) by (?<user>\S+)$/s,
    status: 'failure',
  },
  {
    event: 'switched',
    starts: '+ ',
    pattern: /^\+ (?<tty>\S+) (?<user>[^\s:]+):(?<target>\S+)$/,
    status: 'success',
  },
  {
    event: 'failed',
    starts: '- ',
    pattern: /^- (?<tty>\S+) (?<user>[^\s:]+):(?<target>.+)$/s,
    status: 'failure',
  },
  {
    event: 'failed',
    starts: "'su ",
    pattern: /^'su (?<target>.+)' failed for (?<user>\S+) on (?<tty>\S+)$/s,
    status: 'failure',
  },
  {
    event: 'failed',
    starts: 'BAD SU ',
    pattern: /^BAD SU (?<user>\S+) to (?<target>.+) on (?<tty>\S+)$/s,
    status: 'failure',
  },
];

export function readSu(message: string): LinuxFact | null {
  return matchRules(SU, message);
}

const PKEXEC: readonly Rule[] = [
  {
    event: 'command',
    starts: '',
    pattern:
      /^(?<user>\S+): Executing command \[USER=(?<target>[^\]]*)\] \[TTY=(?<tty>[^\]]*)\] \[CWD=(?<pwd>[^\]]*)\] \[COMMAND=(?<command>.*)\]$/s,
    status: 'success',
  },
  {
    event: 'denied',
    starts: '',
    pattern:
      /^(?<user>\S+): (?<reason>Error executing command as another user: [^[]*) \[USER=(?<target>[^\]]*)\] \[TTY=(?<tty>[^\]]*)\] \[CWD=(?<pwd>[^\]]*)\] \[COMMAND=(?<command>.*)\]$/s,
    status: 'failure',
  },
];

export function readPkexec(message: string): LinuxFact | null {
  return matchRules(PKEXEC, message);
}

const DOAS: readonly Rule[] = [
  {
    event: 'command',
    starts: '',
    pattern: /^(?<user>\S+) ran command (?<command>.*) as (?<target>\S+) from (?<pwd>\S+)$/s,
    status: 'success',
  },
  {
    event: 'denied',
    starts: 'command not permitted for ',
    pattern: /^(?<reason>command not permitted) for (?<user>[^\s:]+): (?<command>.*)$/s,
    status: 'failure',
  },
  {
    event: 'failed',
    starts: 'failed auth for ',
    pattern: /^failed auth for (?<user>\S+)$/,
    status: 'failure',
  },
];

export function readDoas(message: string): LinuxFact | null {
  return matchRules(DOAS, message);
}
