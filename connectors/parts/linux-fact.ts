/** What one message of a Linux program says, before it becomes a row. */

import type { AuditEvent } from '../../schema/columns.ts';
import { parseAddress } from './address.ts';
import { ocsfOfLinuxEvent, readOnlyOfLinuxEvent } from './linux-events.ts';

/** Every text is as the message has it; what it does not say is left out. */
export interface LinuxFact {
  /** From the closed list in linux-events.ts, or `message`. */
  readonly event: string;
  readonly status?: 'success' | 'failure' | undefined;
  /** Who acts: the account that logs in, runs sudo, whose cron job it is. */
  readonly user?: string | undefined;
  /** The account or group acted on, and which of the two. */
  readonly target?: string | undefined;
  readonly targetType?: 'user' | 'group' | undefined;
  /** An address or a host name, as found where the message puts the remote end. */
  readonly from?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  /** The local address that was reached. */
  readonly to?: string | undefined;
  readonly command?: string | undefined;
  readonly credential?: string | undefined;
  readonly session?: string | undefined;
  readonly onBehalfOf?: string | undefined;
  readonly protocol?: string | undefined;
  readonly reason?: string | undefined;
  readonly count?: string | undefined;
  readonly requestId?: string | undefined;
  /** What has no column of its own; becomes the request column. */
  readonly details?: Readonly<Record<string, string>> | undefined;
}

/** Programs that switch accounts: the account in `session opened for user root` is the target, not the actor. */
const SWITCHING = new Set(['sudo', 'su', 'runuser', 'pkexec', 'doas', 'polkit_1']);

/** Whether the program acts for one account as another. */
export function switchesAccount(program: string): boolean {
  return SWITCHING.has(program);
}

/** `sshd-session` → sshd, `CRON` → cron, `systemd-logind` → systemd_logind, `/usr/sbin/cron` → cron. */
export function foldProgram(program: string): string {
  const name = program
    .slice(program.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/\(pam_\w+\)$/, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 64);
  return ALIASES[name] ?? name;
}

const ALIASES: Readonly<Record<string, string>> = {
  sshd_session: 'sshd',
  sshd_auth: 'sshd',
  su_l: 'su',
  sudo_i: 'sudo',
  crond: 'cron',
  systemd_user: 'systemd',
  runuser_l: 'runuser',
};

/** Fills the columns a fact speaks of; `program` is folded. Columns of the header are the caller's. */
export function applyLinuxFact(event: AuditEvent, program: string, fact: LinuxFact): void {
  // did what, and with what result
  event.operation = `${program}:${fact.event}`;
  [event.class, event.activity] = ocsfOfLinuxEvent(program, fact.event);
  event.read_only = readOnlyOfLinuxEvent(program, fact.event);
  event.status = fact.status ?? null;
  event.error_message = fact.status === 'failure' ? (fact.reason ?? null) : null;
  event.command = fact.command ?? null;
  if (fact.count !== undefined) event.count = Number(fact.count);
  // who
  if (fact.user !== undefined && fact.user !== '') {
    event.actor_name = fact.user;
    event.actor_id = fact.user;
    event.actor_type = actorType(program, fact);
  }
  event.actor_credential = fact.credential ?? null;
  event.actor_session = fact.session ?? null;
  event.actor_on_behalf_of = fact.onBehalfOf ?? null;
  event.request_id = fact.requestId ?? null;
  // to what
  if (fact.target !== undefined && fact.target !== '') {
    event.target_type = fact.targetType ?? 'user';
    event.target_id = fact.target;
    event.target_name = fact.target;
    event.targets = [fact.target];
  }
  // from where
  const address = parseAddress(fact.from);
  event.src_ip = address?.ip ?? null;
  event.src_host = fact.host ?? (address === null ? nonEmpty(fact.from) : null);
  if (fact.port !== undefined && Number(fact.port) <= 65_535) event.src_port = Number(fact.port);
  event.dst_ip = parseAddress(fact.to)?.ip ?? null;
  event.protocol = fact.protocol ?? null;
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** Accounts that log in or switch are taken for people, as IAM users are; cron's jobs for workloads. */
function actorType(program: string, fact: LinuxFact): string {
  if (fact.user === 'root') return 'root';
  if (program === 'cron') return 'workload';
  return fact.event === 'invalid_user' || fact.details?.['invalid_user'] === 'true' ? 'unknown' : 'human';
}
