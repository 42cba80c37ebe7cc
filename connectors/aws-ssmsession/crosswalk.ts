/** Column ← field of the streamed message, or part of the transcript. */
export const crosswalk = {
  time: 'eventTime; timestamp of the CloudWatch event; Script started on, Script done on',
  time_original: 'eventTime; Script started on, Script done on',
  operation: 'ssm:command after a prompt, ssm:session_started, ssm:session_ended, ssm:output for all else',
  service: 'ssm.amazonaws.com',
  read_only: 'false for commands, which can change anything',
  account: 'account of userIdentity.arn; owner of the log group',
  region: 'awsRegion',
  actor_type: 'by userIdentity.arn',
  actor_name: 'userIdentity.arn; the account in the shell’s prompt where no principal is named',
  actor_id: 'userIdentity.arn; the account in the shell’s prompt where no principal is named',
  actor_account: 'userIdentity.arn',
  actor_session: 'sessionId; log stream',
  dst_host: 'host in the shell’s prompt',
  command: 'sessionData or transcript: what follows the prompt, as the terminal showed it',
  target_type: 'target.id',
  target_id: 'target.id',
  target_name: 'target.id',
  targets: 'target.id',
  request: 'runAsUser; account and directory in the prompt',
} as const;

export const nativeFields = [
  'eventVersion',
  'eventTime',
  'awsRegion',
  'target',
  'userIdentity',
  'runAsUser',
  'sessionId',
  'sessionData',
] as const;
