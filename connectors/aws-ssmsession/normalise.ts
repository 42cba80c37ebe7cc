import { type AuditEvent, newEvent } from '../../schema/columns.ts';
import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { awsPrincipal, principalName } from '../parts/aws-principal.ts';
import { shownText } from '../parts/terminal.ts';
import { leadingTime } from '../parts/text-time.ts';
import { parseEpoch, parseTime } from '../parts/time.ts';
import { isObject, type JsonObject, jsonText, object, text } from '../parts/value.ts';
import { type Prompt, promptOf } from './prompt.ts';

const SCRIPT = /^Script (started|done) on (.*)$/;

export function normalise(record: SourceRecord, _facts: BodyFacts): Normalised {
  if (record.value !== undefined) {
    const problem = 'a streamed session message has sessionId and sessionData, a list of lines';
    const code = isObject(record.value) ? 'missing_field' : 'not_an_object';
    return { kind: 'unreadable', code, path: '/sessionData', problem };
  }
  const event = newEvent();
  const context = object(record.context);
  const bare = context['bare'] === true;
  // CloudWatch passes on several lines of a plain transcript as one message.
  const shown = record.raw.split('\n').map((line) => shownText(line.replace(/\r$/, '')));
  setSession(event, context);
  setLines(event, shown, bare);
  return { kind: 'event', event };
}

/** Who, on what, in which session: from the streamed message, or the subscription message around a transcript. */
function setSession(event: AuditEvent, context: JsonObject): void {
  const message = object(context['message']);
  const arn = text(object(message['userIdentity'])['arn']);
  const principal = awsPrincipal(arn);
  const target = text(object(message['target'])['id']);
  // when
  event.time_original = text(message['eventTime']);
  event.time = parseTime(event.time_original) ?? parseEpoch(context['timestamp']);
  // who
  event.actor_id = arn;
  event.actor_session = text(message['sessionId']) ?? text(context['logStream']);
  if (principal !== null) {
    event.actor_type = principal.type;
    event.actor_name = principalName(principal);
    event.actor_account = principal.account;
  }
  // to what
  if (target !== null) {
    event.target_type = /^m?i-[0-9a-f]{8,17}$/.test(target) ? 'AWS::EC2::Instance' : null;
    event.target_id = target;
    event.target_name = target;
    event.targets = [target];
  }
  event.service = 'ssm.amazonaws.com';
  event.account = principal?.account ?? text(context['owner']);
  event.region = text(message['awsRegion']);
  event.request = jsonText(runAs(message));
}

function runAs(message: JsonObject): Record<string, string> {
  const user = text(message['runAsUser']);
  return user === null ? {} : { run_as_user: user };
}

function setLines(event: AuditEvent, shown: readonly string[], bare: boolean): void {
  const prompts = shown
    .map((line) => promptOf(line))
    .filter((prompt): prompt is Prompt => prompt !== null && prompt.command !== '' && (bare || !prompt.bare));
  if (prompts.length > 0) {
    setCommands(event, prompts);
    return;
  }
  const script = SCRIPT.exec(shown.find((line) => line !== '') ?? '');
  if (script !== null) {
    setScript(event, script[1]!, script[2]!);
    return;
  }
  event.operation = 'ssm:output';
  event.class = 'Base Event';
  event.activity = 'Other';
}

function setCommands(event: AuditEvent, prompts: readonly Prompt[]): void {
  const { user, host, directory } = prompts[0]!;
  event.operation = 'ssm:command';
  event.class = 'Process Activity';
  event.activity = 'Launch';
  event.read_only = false;
  event.command = prompts.map(({ command }) => command).join('\n');
  event.dst_host = host;
  // A transcript alone names nobody but the account the shell runs as.
  if (event.actor_id === null && user !== null) {
    event.actor_id = user;
    event.actor_name = user;
    event.actor_type = user === 'root' ? 'root' : 'unknown';
  }
  const details: Record<string, string> = { ...(event.request === null ? {} : JSON.parse(event.request)) };
  if (user !== null) details['shell_user'] = user;
  if (directory !== null) details['directory'] = directory;
  event.request = jsonText(details);
}

const LOCALE_TIME = /^[A-Z][a-z]{2} (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) ?(AM|PM)? UTC$/;

/** The `script` program notes when it started and ended, in the host's own way of writing times. */
function setScript(event: AuditEvent, what: string, when: string): void {
  const started = what === 'started';
  event.operation = started ? 'ssm:session_started' : 'ssm:session_ended';
  event.class = 'Authentication';
  event.activity = started ? 'Logon' : 'Logoff';
  const written = when.replace(/ \[[^\]]*\]$/, '').trim();
  const locale = LOCALE_TIME.exec(written);
  const time = locale === null ? (leadingTime(written, null)?.time ?? null) : ofLocale(locale);
  if (time !== null) event.time = time;
  event.time_original ??= written === '' ? null : written;
}

function ofLocale([, day, month, year, clock, half]: RegExpExecArray): number | null {
  const time = parseTime(`${day!.padStart(2, '0')} ${month} ${year} ${clock}`);
  const hour = Number(clock!.slice(0, 2));
  if (time === null || half === undefined) return time;
  return time + ((hour % 12) + (half === 'PM' ? 12 : 0) - hour) * 3600e6;
}
