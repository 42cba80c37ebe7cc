/** Messages of the shadow tools that change accounts and groups: https://github.com/shadow-maint/shadow */

import type { LinuxFact } from './linux-fact.ts';
import { matchRules, type Rule } from './linux-rules.ts';

const ADD: readonly Rule[] = [
  {
    event: 'new_user',
    starts: 'new user: ',
    pattern:
      /^new user: name=(?<target>[^,]+), UID=(?<uid>\d+), GID=(?<gid>\d+), home=(?<home>[^,]*), shell=(?<shell>[^,]*)(?:, from=(?<origin>.*))?$/s,
    status: 'success',
  },
  {
    event: 'new_group',
    starts: 'new group: ',
    pattern: /^new group: name=(?<target>[^,]+)(?:, GID=(?<gid>\d+))?$/,
    status: 'success',
    targetType: 'group',
  },
  {
    event: 'new_group',
    starts: 'group added to ',
    pattern: /^group added to (?<file>[^\s:]+): name=(?<target>[^,]+)(?:, GID=(?<gid>\d+))?$/,
    status: 'success',
    targetType: 'group',
  },
  {
    event: 'new_user',
    starts: 'failed adding user ',
    pattern: /^failed adding user '(?<target>[^']+)'(?:, (?<reason>.*))?$/s,
    status: 'failure',
  },
  {
    event: 'new_group',
    starts: 'failed adding group ',
    pattern: /^failed adding group '(?<target>[^']+)'(?:, (?<reason>.*))?$/s,
    status: 'failure',
    targetType: 'group',
  },
];

const MEMBERS: readonly Rule[] = [
  {
    event: 'add_to_shadow_group',
    starts: "add '",
    pattern: /^add '(?<target>[^']+)' to shadow group '(?<group>[^']+)'$/,
    status: 'success',
  },
  {
    event: 'add_to_group',
    starts: "add '",
    pattern: /^add '(?<target>[^']+)' to group '(?<group>[^']+)'$/,
    status: 'success',
  },
  {
    event: 'remove_from_group',
    starts: "delete '",
    pattern: /^delete '(?<target>[^']+)' from (?:shadow )?group '(?<group>[^']+)'$/,
    status: 'success',
  },
  {
    event: 'add_member',
    starts: 'user ',
    pattern: /^user (?<target>\S+) added by (?<user>\S+) to group (?<group>\S+)$/,
    status: 'success',
  },
  {
    event: 'remove_member',
    starts: 'user ',
    pattern: /^user (?<target>\S+) removed by (?<user>\S+) from group (?<group>\S+)$/,
    status: 'success',
  },
  {
    event: 'change_group',
    starts: 'members of group ',
    pattern: /^members of group (?<target>\S+) set by (?<user>\S+) to (?<members>.*)$/,
    status: 'success',
    targetType: 'group',
  },
];

const CHANGE: readonly Rule[] = [
  {
    event: 'password_changed',
    starts: "change user '",
    pattern: /^change user '(?<target>[^']+)' password$/,
    status: 'success',
  },
  {
    event: 'account_locked',
    starts: "lock user '",
    pattern: /^lock user '(?<target>[^']+)' password$/,
    status: 'success',
  },
  {
    event: 'account_unlocked',
    starts: "unlock user '",
    pattern: /^unlock user '(?<target>[^']+)' password$/,
    status: 'success',
  },
  {
    event: 'change_user',
    starts: "change user '",
    pattern: /^change user '(?<target>[^']+)' (?<what>[^']+?)(?: from '(?<old>[^']*)')? to '(?<new>[^']*)'$/,
    status: 'success',
  },
  {
    event: 'change_user',
    starts: "change user name '",
    pattern: /^change user name '(?<target>[^']+)' to '(?<new>[^']*)'$/,
    status: 'success',
  },
  {
    event: 'change_user',
    starts: "changed user '",
    pattern: /^changed user '(?<target>[^']+)' (?<what>.*)$/s,
    status: 'success',
  },
  {
    event: 'change_user',
    starts: 'changed password expiry for ',
    pattern: /^changed (?<what>password expiry) for (?<target>\S+)$/,
    status: 'success',
  },
  {
    event: 'change_group',
    starts: 'group changed in ',
    pattern: /^group changed in (?<file>\S+) \(group (?<target>[^/)]+)\/(?<gid>\d+)(?<what>[^)]*)\)$/,
    status: 'success',
    targetType: 'group',
  },
  {
    event: 'password_changed',
    starts: 'password for ',
    pattern: /^password for '(?<target>[^']+)' changed by '(?<user>[^']+)'$/,
    status: 'success',
  },
  {
    event: 'password_changed',
    starts: 'password changed for ',
    pattern: /^password changed for (?<target>\S+)$/,
    status: 'success',
  },
];

const DELETE: readonly Rule[] = [
  {
    event: 'delete_user',
    starts: "delete user '",
    pattern: /^delete user '(?<target>[^']+)'$/,
    status: 'success',
  },
  {
    event: 'delete_group',
    starts: 'removed ',
    pattern: /^removed (?:shadow )?group '(?<target>[^']+)'(?: owned by '(?<owner>[^']*)')?$/,
    status: 'success',
    targetType: 'group',
  },
  {
    event: 'delete_group',
    starts: "group '",
    pattern: /^group '(?<target>[^']+)' removed(?: from (?<file>\S+))?$/,
    status: 'success',
    targetType: 'group',
  },
];

const ALL = [...ADD, ...MEMBERS, ...CHANGE, ...DELETE];

/** What useradd, usermod, userdel, groupadd, gpasswd, passwd, chage and their like say. */
export function readAccounts(message: string): LinuxFact | null {
  return matchRules(ALL, message);
}
