import type { BodySample, Recognition } from '../contract.ts';
import { afterStamp } from '../parts/cloudwatch-export.ts';
import { shownText } from '../parts/terminal.ts';
import { isObject, object, parseJson } from '../parts/value.ts';
import { promptOf } from './prompt.ts';

/** `[prefix/]<user or role session>-<17 hex digits>.log`; newer ones end in 26 letters and digits. */
const KEY = /(?:^|\/)[\w+=,.@-]{2,96}-(?:0[0-9a-f]{16}|[a-z0-9]{26})\.log(?:\.gz)?$/;
const STARTED = /^[\s\ufeff]*Script started on /;
/** A transcript shows its prompt at once. */
const LINES = 5;

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-logging-s3.html */
export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  return KEY.test(key) ? 'records' : 'ignore';
}

export function recognise(sample: BodySample): Recognition | null {
  for (const record of sample.records) {
    const confidence = ofRecord(record);
    if (confidence > 0) return { role: 'records', confidence };
  }
  const first = afterStamp(sample.text.split('\n', 1)[0]!);
  if (first !== null && isSessionMessage(parseJson(first.rest))) return { role: 'records', confidence: 0.95 };
  const confidence = ofText(sample.text);
  return confidence === 0 ? null : { role: 'records', confidence };
}

function ofRecord(record: unknown): number {
  if (!isObject(record)) return 0;
  if (isSessionMessage(record)) return 0.95;
  if (record['messageType'] !== 'DATA_MESSAGE' || !Array.isArray(record['logEvents'])) return 0;
  const message = object(record['logEvents'][0])['message'];
  if (isSessionMessage(parseJson(message))) return 0.95;
  return typeof message === 'string' ? ofText(message) : 0;
}

/** The form that is streamed to CloudWatch Logs while the session lasts. */
export function isSessionMessage(value: unknown): boolean {
  return isObject(value) && 'sessionData' in value && 'sessionId' in value;
}

function ofText(text: string): number {
  if (STARTED.test(text)) return 0.9;
  const first = text.split('\n', 100).filter((line) => line.trim() !== '');
  for (const line of first.slice(0, LINES)) {
    const prompt = promptOf(shownText(line.slice(0, 4096)));
    if (prompt !== null && !prompt.bare) return 0.5;
  }
  return 0;
}
