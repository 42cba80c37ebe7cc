/** The closed list of events told from Linux messages, and what OCSF calls them. */

type ClassAndActivity = readonly [ocsfClass: string, activity: string];

const GENERAL: ClassAndActivity = ['Base Event', 'Other'];
const LOGON: ClassAndActivity = ['Authentication', 'Logon'];
const LOGOFF: ClassAndActivity = ['Authentication', 'Logoff'];
const SWITCH: ClassAndActivity = ['Authentication', 'Account Switch'];
const LAUNCH: ClassAndActivity = ['Process Activity', 'Launch'];

/** `program:event`, where a program means something of its own by it. */
const BY_OPERATION: Readonly<Record<string, ClassAndActivity>> = {
  'sudo:session_opened': SWITCH,
  'sudo:session_closed': LOGOFF,
  'su:session_opened': SWITCH,
  'su:switched': SWITCH,
  'su:failed': SWITCH,
  'runuser:session_opened': SWITCH,
};

const BY_EVENT: Readonly<Record<string, ClassAndActivity>> = {
  // signing in and out
  accepted: LOGON,
  partial: ['Authentication', 'Preauth'],
  postponed: ['Authentication', 'Preauth'],
  failed: LOGON,
  invalid_user: LOGON,
  not_allowed: LOGON,
  max_attempts: LOGON,
  authentication_failure: LOGON,
  authentication_failures: LOGON,
  authenticated: LOGON,
  key_found: ['Authentication', 'Preauth'],
  key_provided: ['Authentication', 'Preauth'],
  session_opened: LOGON,
  session_started: LOGON,
  new_session: LOGON,
  session_closed: LOGOFF,
  removed_session: LOGOFF,
  logged_out: LOGOFF,
  // connections
  connection: ['SSH Activity', 'Open'],
  listening: ['SSH Activity', 'Listen'],
  disconnected: ['SSH Activity', 'Close'],
  disconnect_received: ['SSH Activity', 'Close'],
  connection_closed: ['SSH Activity', 'Close'],
  connection_reset: ['SSH Activity', 'Reset'],
  connection_failed: ['SSH Activity', 'Fail'],
  no_identification: ['SSH Activity', 'Fail'],
  bad_protocol: ['SSH Activity', 'Fail'],
  negotiation_failed: ['SSH Activity', 'Fail'],
  timeout: ['SSH Activity', 'Fail'],
  refused: ['SSH Activity', 'Refuse'],
  reverse_mapping_failed: ['SSH Activity', 'Other'],
  subsystem: ['SSH Activity', 'Other'],
  // running things
  command: LAUNCH,
  denied: LAUNCH,
  // accounts and groups
  new_user: ['Account Change', 'Create'],
  delete_user: ['Account Change', 'Delete'],
  change_user: ['Account Change', 'Other'],
  password_changed: ['Account Change', 'Password Change'],
  account_locked: ['Account Change', 'Lock'],
  account_unlocked: ['Account Change', 'Unlock'],
  new_group: ['Group Management', 'Create'],
  delete_group: ['Group Management', 'Delete'],
  change_group: ['Group Management', 'Other'],
  add_member: ['Group Management', 'Add User'],
  add_to_group: ['Group Management', 'Add User'],
  add_to_shadow_group: ['Group Management', 'Add User'],
  remove_member: ['Group Management', 'Remove User'],
  remove_from_group: ['Group Management', 'Remove User'],
  // scheduled jobs
  crontab_list: ['Scheduled Job Activity', 'Other'],
  crontab_edit: ['Scheduled Job Activity', 'Update'],
  crontab_replace: ['Scheduled Job Activity', 'Update'],
  crontab_delete: ['Scheduled Job Activity', 'Delete'],
  crontab_reload: ['Scheduled Job Activity', 'Update'],
};

/** Every event but `message`, `error`, `repeated` and `command_ended`, which are Base Events; for tests and docs. */
export const LINUX_EVENTS: readonly string[] = Object.keys(BY_EVENT);

/** OCSF class and activity; Base Event for messages of no known kind. Total. */
export function ocsfOfLinuxEvent(program: string, event: string): ClassAndActivity {
  const operation = `${program}:${event}`;
  if (Object.hasOwn(BY_OPERATION, operation)) return BY_OPERATION[operation]!;
  return Object.hasOwn(BY_EVENT, event) ? BY_EVENT[event]! : GENERAL;
}

const CHANGING = new Set([
  'Account Change',
  'Group Management',
  'Process Activity',
  'Scheduled Job Activity',
]);

/** False for what changes a host or could, true for what only looks, null for signing in and for all that is untold. */
export function readOnlyOfLinuxEvent(program: string, event: string): boolean | null {
  if (event === 'crontab_list') return true;
  if (event === 'listening') return false;
  return CHANGING.has(ocsfOfLinuxEvent(program, event)[0]) ? false : null;
}
