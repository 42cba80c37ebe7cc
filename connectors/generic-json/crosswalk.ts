import { namesOf } from '../parts/field-names.ts';

const carried = 'the same of a log line that the object carries';

/** Column ← members looked for, by name without regard to case and punctuation; nested ones under their joined names. */
export const crosswalk = {
  time: `${namesOf('time')}; ${carried}`,
  end_time: namesOf('end_time'),
  time_original: 'the same, as written',
  operation: `${namesOf('operation')}; ${carried}`,
  service: `${namesOf('service')}; ${carried}`,
  category: namesOf('category'),
  read_only: namesOf('read_only'),
  status: `${namesOf('status')}; HTTP status`,
  error_code: `${namesOf('error_code')}; HTTP status from 400`,
  error_message: namesOf('error_message'),
  count: carried,
  account: namesOf('account'),
  region: namesOf('region'),
  actor_type:
    'unknown: the object does not say who stands behind a name; as linux.auth for a line of its programs',
  actor_name: `${namesOf('actor_name')}; ${carried}`,
  actor_id: namesOf('actor_id'),
  actor_credential: carried,
  actor_session: namesOf('actor_session'),
  actor_on_behalf_of: carried,
  src_ip: `${namesOf('src_ip')}; ${carried}`,
  src_port: namesOf('src_port'),
  src_host: carried,
  user_agent: `${namesOf('user_agent')}; ${carried}`,
  protocol: namesOf('protocol'),
  dst_ip: namesOf('dst_ip'),
  dst_host: `${namesOf('dst_host')}; ${carried}`,
  command: namesOf('command'),
  target_type: carried,
  target_id: `${namesOf('target_id')}; ${carried}`,
  target_name: carried,
  targets: carried,
  request: carried,
  response: 'HTTP status; bytes sent',
  request_id: namesOf('request_id'),
  correlation_id: namesOf('correlation_id'),
} as const;

/** Names that most JSON logs have. */
export const nativeFields = [
  '@timestamp',
  'timestamp',
  'time',
  'level',
  'message',
  'msg',
  'host',
  'service',
  'user',
  'log',
] as const;
