/** Messages of sshd but for the results of authentication, with ` [preauth]` and `error: ` already taken off. */

import type { Rule } from './linux-rules.ts';

export const SSHD_RULES: readonly Rule[] = [
  {
    event: 'invalid_user',
    starts: 'Invalid user ',
    pattern: /^Invalid user (?:(?<user>.*) )?from (?<from>\S+)(?: port (?<port>\d{1,5}))?$/s,
    status: 'failure',
  },
  {
    event: 'invalid_user',
    starts: 'Illegal user ',
    pattern: /^Illegal user (?<user>.*) from (?<from>\S+)(?: port (?<port>\d{1,5}))?$/s,
    status: 'failure',
  },
  {
    event: 'invalid_user',
    starts: 'input_userauth_request: invalid user ',
    pattern: /^input_userauth_request: invalid user (?<user>.*?)$/s,
    status: 'failure',
  },
  {
    event: 'disconnected',
    starts: 'Disconnected from ',
    pattern:
      /^Disconnected from (?:(?<state>authenticating|invalid) )?user (?<user>.*) (?<from>\S+) port (?<port>\d{1,5})$/s,
  },
  {
    event: 'disconnected',
    starts: 'Disconnected from ',
    pattern: /^Disconnected from (?:.* )?(?<from>\S+) port (?<port>\d{1,5})$/s,
  },
  {
    event: 'disconnected',
    starts: 'Disconnecting ',
    pattern:
      /^Disconnecting (?:(?<state>authenticating|invalid) )?user (?<user>.*) (?<from>\S+) port (?<port>\d{1,5}): (?<reason>[^:]*)$/s,
  },
  {
    event: 'max_attempts',
    starts: 'Disconnecting: Too many authentication failures',
    pattern: /^Disconnecting: Too many authentication failures(?: for (?<user>.*?))?$/s,
    status: 'failure',
  },
  {
    event: 'connection_closed',
    starts: 'Connection closed by ',
    pattern:
      /^Connection closed by (?<state>authenticating|invalid) user (?<user>.*) (?<from>\S+) port (?<port>\d{1,5})$/s,
  },
  {
    event: 'connection_closed',
    starts: 'Connection closed by ',
    pattern: /^Connection closed by (?<from>\S+)(?: port (?<port>\d{1,5}))?$/,
  },
  {
    event: 'connection_reset',
    starts: 'Connection reset by ',
    pattern:
      /^Connection reset by (?<state>authenticating|invalid) user (?<user>.*) (?<from>\S+) port (?<port>\d{1,5})$/s,
  },
  {
    event: 'connection_reset',
    starts: 'Connection reset by ',
    pattern: /^Connection reset by (?<from>\S+)(?: port (?<port>\d{1,5}))?$/,
  },
  {
    // The reason is the client's own text and comes last here, so this one is read from the left.
    event: 'disconnect_received',
    starts: 'Received disconnect from ',
    pattern:
      /^Received disconnect from (?<from>\S+?)(?: port (?<port>\d{1,5}):|: )(?<code>\d{1,10}): ?(?<reason>.*?)$/s,
  },
  {
    event: 'connection',
    starts: 'Connection from ',
    pattern:
      /^Connection from (?<from>\S+) port (?<port>\d{1,5})(?: on (?<to>\S+) port (?<local_port>\d{1,5})(?: rdomain "[^"]*")?)?$/,
  },
  {
    event: 'no_identification',
    starts: 'Did not receive identification string from ',
    pattern: /^Did not receive identification string from (?<from>\S+)(?: port (?<port>\d{1,5}))?$/,
    status: 'failure',
  },
  {
    event: 'bad_protocol',
    starts: 'Bad protocol version identification ',
    pattern:
      /^Bad protocol version identification '(?<banner>.*)' from (?<from>\S+)(?: port (?<port>\d{1,5}))?$/s,
    status: 'failure',
  },
  {
    event: 'bad_protocol',
    starts: 'banner exchange: Connection from ',
    pattern: /^banner exchange: Connection from (?<from>\S+) port (?<port>\d{1,5}): (?<reason>.*)$/s,
    status: 'failure',
  },
  {
    event: 'bad_protocol',
    starts: 'Magic value check failed ',
    pattern:
      /^(?<reason>Magic value check failed) \(\d+\) on obfuscated handshake from (?<from>\S+) port (?<port>\d{1,5})$/,
    status: 'failure',
  },
  {
    event: 'negotiation_failed',
    starts: 'Unable to negotiate with ',
    pattern:
      /^Unable to negotiate with (?<from>\S+)(?: port (?<port>\d{1,5}))?: (?<reason>no matching [a-zA-Z ]+ found)\. Their offer: (?<offer>.*?)$/s,
    status: 'failure',
  },
  {
    event: 'connection_failed',
    starts: 'ssh_dispatch_run_fatal: Connection from ',
    pattern:
      /^ssh_dispatch_run_fatal: Connection from (?:(?:(?:authenticating|invalid) )?user (?<user>.*) )?(?<from>\S+) port (?<port>\d{1,5}): (?<reason>[^:]*?)$/s,
    status: 'failure',
  },
  {
    event: 'timeout',
    starts: 'Timeout before authentication for ',
    pattern: /^Timeout before authentication for (?<from>\S+) port (?<port>\d{1,5})\.?$/,
    status: 'failure',
  },
  {
    event: 'timeout',
    starts: 'Timeout before authentication for connection from ',
    pattern:
      /^Timeout before authentication for connection from (?<from>\S+) to (?<to>[^\s,]+), pid = (?<child_pid>\d+)$/,
    status: 'failure',
  },
  {
    event: 'max_attempts',
    starts: 'maximum authentication attempts exceeded for ',
    pattern:
      /^maximum authentication attempts exceeded for (?:(?<state>invalid) user )?(?<user>.*) from (?<from>\S+) port (?<port>\d{1,5})(?: (?<protocol>ssh\d?))?$/s,
    status: 'failure',
  },
  {
    event: 'failed',
    starts: 'PAM: ',
    pattern:
      /^PAM: (?<reason>.{1,80}?) for (?:(?<state>illegal|invalid) user )?(?<user>.*) from (?<from>\S+)$/s,
    status: 'failure',
  },
  {
    event: 'not_allowed',
    starts: 'User ',
    pattern: /^User (?<user>.*) from (?<from>\S+) not allowed because (?<reason>.*)$/s,
    status: 'failure',
  },
  {
    event: 'not_allowed',
    starts: 'Authentication tried for ',
    pattern:
      /^Authentication tried for (?<user>.*) with (?<reason>correct key but not from a permitted host) \(host=(?<host>[^,]*), ip=(?<from>[^,]*)(?:, required=[^)]*)?\)\.?$/s,
    status: 'failure',
  },
  {
    // TCP wrappers: `[user@]host (address)`; the host's name comes from the attacker's own reverse DNS.
    event: 'refused',
    starts: 'refused connect from ',
    pattern: /^refused connect from (?:.*@)?(?<host>\S+) \((?<from>[^()\s]+)\)$/s,
    status: 'failure',
  },
  {
    event: 'refused',
    starts: 'refused connect from ',
    pattern: /^refused connect from (?<from>\S+)$/,
    status: 'failure',
  },
  {
    event: 'reverse_mapping_failed',
    starts: 'reverse mapping checking getaddrinfo for ',
    pattern:
      /^reverse mapping checking getaddrinfo for (?<host>\S+) \[(?<from>[^\]\s]+)\] failed(?: - .*|\.)?$/,
  },
  {
    event: 'reverse_mapping_failed',
    starts: 'Address ',
    pattern:
      /^Address (?<from>\S+) maps to (?<host>\S+), but this does not map back to the address(?: - .*|\.)?$/,
  },
  {
    event: 'session_started',
    starts: 'Starting session: ',
    pattern:
      /^Starting session: (?<kind>shell|command|forced-command|subsystem)(?: .*)? for (?<user>.*) from (?<from>\S+) port (?<port>\d{1,5}) id (?<channel>\d+)$/s,
    status: 'success',
  },
  {
    event: 'session_closed',
    starts: 'Close session: user ',
    pattern: /^Close session: user (?<user>.*) from (?<from>\S+) port (?<port>\d{1,5}) id (?<channel>\d+)$/s,
    status: 'success',
  },
  {
    event: 'subsystem',
    starts: 'subsystem request for ',
    pattern: /^subsystem request for (?<subsystem>\S+)(?: by user (?<user>.*))?$/s,
  },
  {
    event: 'key_found',
    starts: 'Found matching ',
    pattern: /^Found matching (?<key_type>\S+) key:? (?<credential>\S+)$/,
  },
  {
    event: 'key_found',
    starts: 'Accepted key ',
    pattern: /^Accepted key (?<key_type>\S+) (?<credential>\S+) found at (?<file>.*)$/s,
  },
  {
    event: 'listening',
    starts: 'Server listening on ',
    pattern: /^Server listening on (?<to>\S+) port (?<local_port>\d{1,5})\.?$/,
  },
];
