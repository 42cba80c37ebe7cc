/** From a program's name and its message to a fact: which reader knows the program. */

import { readAccounts } from './linux-accounts.ts';
import { readEndlessh } from './linux-endlessh.ts';
import { foldProgram, type LinuxFact } from './linux-fact.ts';
import { readCron, readInstanceConnect, readLogin, readLogind, readPolkit } from './linux-login.ts';
import { readPam } from './linux-pam.ts';
import { readSshd } from './linux-sshd.ts';
import { readDoas, readPkexec, readSu, readSudo } from './linux-sudo.ts';

type Reader = (message: string) => LinuxFact | null;

const READERS: Readonly<Record<string, Reader>> = {
  sshd: readSshd,
  endlessh: readEndlessh,
  sudo: readSudo,
  su: readSu,
  pkexec: readPkexec,
  doas: readDoas,
  cron: readCron,
  crontab: readCron,
  login: readLogin,
  systemd_logind: readLogind,
  polkitd: readPolkit,
  polkit_agent_helper_1: readPolkit,
  ec2_instance_connect: readInstanceConnect,
  useradd: readAccounts,
  adduser: readAccounts,
  usermod: readAccounts,
  userdel: readAccounts,
  deluser: readAccounts,
  groupadd: readAccounts,
  groupmod: readAccounts,
  groupdel: readAccounts,
  addgroup: readAccounts,
  gpasswd: readAccounts,
  passwd: readAccounts,
  chpasswd: readAccounts,
  newusers: readAccounts,
  chage: readAccounts,
  chsh: readAccounts,
  chfn: readAccounts,
};

/** Programs whose lines make a log an authentication log. */
export function isAuthProgram(program: string): boolean {
  return Object.hasOwn(READERS, foldProgram(program));
}

const REPEATED = /^message repeated (\d{1,9}) times: \[ ?/;
const LAST_REPEATED = /^(?:--- )?last message repeated (\d{1,9}) times?(?: ---)?$/;

export interface LinuxMessage {
  /** Folded name; `syslog` where the line names no program. */
  readonly program: string;
  readonly fact: LinuxFact;
}

/** Total: a message of no known kind is the event `message`. */
export function readLinuxMessage(programName: string | null, message: string): LinuxMessage {
  const program = programName === null ? 'syslog' : foldProgram(programName) || 'syslog';
  const said = message.trim();
  const last = LAST_REPEATED.exec(said);
  if (last !== null) return { program, fact: { event: 'repeated', count: last[1] } };
  const repeated = REPEATED.exec(said);
  if (repeated !== null && said.endsWith(']')) {
    const inner = said.slice(repeated[0].length, -1).trim();
    return { program, fact: { ...factOf(program, inner), count: repeated[1] } };
  }
  return { program, fact: factOf(program, said) };
}

function factOf(program: string, said: string): LinuxFact {
  const pam = readPam(program, said);
  if (pam !== null) return pam;
  const reader = Object.hasOwn(READERS, program) ? READERS[program] : undefined;
  return reader?.(said) ?? { event: 'message' };
}
