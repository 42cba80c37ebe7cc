/** Messages of cron, login, systemd-logind, polkit and EC2 Instance Connect. */

import type { LinuxFact } from './linux-fact.ts';
import { matchRules, type Rule } from './linux-rules.ts';

const LONGEST_USER = 256;

/** `(root) CMD (run-parts /etc/cron.hourly)`: https://man7.org/linux/man-pages/man8/cron.8.html */
export function readCron(message: string): LinuxFact | null {
  const who = /^\((\S+?)\) ([A-Z][A-Za-z ]*?) \(/.exec(message.slice(0, LONGEST_USER));
  if (who === null || !message.endsWith(')')) return null;
  const said = message.slice(who[0].length, -1);
  const user = who[1]!;
  switch (who[2]) {
    case 'CMD':
      return { event: 'command', status: 'success', user, command: said.trim() };
    case 'CMDEND':
      return { event: 'command_ended', user, command: said.trim() };
    case 'LIST':
      return { event: 'crontab_list', user, target: said };
    case 'BEGIN EDIT':
      return { event: 'crontab_edit', user, target: said };
    case 'REPLACE':
      return { event: 'crontab_replace', status: 'success', user, target: said };
    case 'DELETE':
      return { event: 'crontab_delete', status: 'success', user, target: said };
    case 'RELOAD':
      return { event: 'crontab_reload', user, details: { file: said } };
    default:
      return null;
  }
}

const LOGIN: readonly Rule[] = [
  {
    event: 'accepted',
    starts: 'LOGIN ON ',
    pattern: /^LOGIN ON (?<tty>\S+) BY (?<user>\S+)(?: FROM (?<from>\S+))?$/,
    status: 'success',
  },
  {
    event: 'accepted',
    starts: 'ROOT LOGIN ',
    pattern: /^(?<user>ROOT) LOGIN +(?:ON|on) '?(?<tty>[^\s']+)'?(?: (?:FROM|from) '?(?<from>[^\s']+)'?)?$/,
    status: 'success',
  },
  {
    event: 'failed',
    starts: 'FAILED LOGIN ',
    pattern:
      /^FAILED LOGIN (?:SESSION )?\(?(?<attempt>\d+)?\)? ?(?:ON|on|FROM) '?(?<tty>[^\s']+)'?(?: (?:FROM|from) '?(?<from>[^\s']+)'?)? FOR '?(?<user>.*?)'?, (?<reason>[A-Z][A-Za-z ]*)$/s,
    status: 'failure',
  },
];

/** https://man7.org/linux/man-pages/man1/login.1.html */
export function readLogin(message: string): LinuxFact | null {
  const fact = matchRules(LOGIN, message);
  return fact?.user === 'ROOT' ? { ...fact, user: 'root' } : fact;
}

const LOGIND: readonly Rule[] = [
  {
    event: 'new_session',
    starts: 'New session ',
    pattern:
      /^New session '?(?<session>[^\s']+)'? of user '?(?<user>[^\s']+?)'?(?:\.| with class '(?<class>[^']*)' and type '(?<type>[^']*)'\.)$/,
    status: 'success',
  },
  {
    event: 'logged_out',
    starts: 'Session ',
    pattern: /^Session '?(?<session>[^\s']+)'? logged out\. Waiting for processes to exit\.$/,
    status: 'success',
  },
  {
    event: 'removed_session',
    starts: 'Removed session ',
    pattern: /^Removed session '?(?<session>[^\s'.]+)'?\.$/,
    status: 'success',
  },
];

/** https://www.freedesktop.org/software/systemd/man/latest/systemd-logind.service.html */
export function readLogind(message: string): LinuxFact | null {
  return matchRules(LOGIND, message);
}

const POLKIT: readonly Rule[] = [
  {
    event: 'authenticated',
    starts: 'Operator of ',
    pattern:
      /^Operator of (?<session>\S+) successfully authenticated as unix-user:(?<target>\S+) to gain (?<kind>\S+) authorization for action (?<polkit_action>\S+) .*\(owned by unix-user:(?<user>[^\s)]+)\)$/s,
    status: 'success',
  },
  {
    event: 'failed',
    starts: 'Operator of ',
    pattern:
      /^Operator of (?<session>\S+) FAILED to authenticate to gain authorization for action (?<polkit_action>\S+) .*\(owned by unix-user:(?<user>[^\s)]+)\)$/s,
    status: 'failure',
  },
];

/** https://www.freedesktop.org/software/polkit/docs/latest/polkit.8.html */
export function readPolkit(message: string): LinuxFact | null {
  return matchRules(POLKIT, message);
}

const INSTANCE_CONNECT: readonly Rule[] = [
  {
    event: 'key_provided',
    starts: 'Providing ssh key from EC2 Instance Connect with fingerprint: ',
    pattern:
      /^Providing ssh key from EC2 Instance Connect with fingerprint: (?<credential>[^\s,]+?)\.?(?:, request-id: (?<requestId>[^\s,]+))?(?:, for IAM principal: (?<onBehalfOf>\S+))?$/,
    status: 'success',
  },
];

/** The line that ties an SSH login to an IAM principal: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-connect-methods.html */
export function readInstanceConnect(message: string): LinuxFact | null {
  return matchRules(INSTANCE_CONNECT, message);
}
