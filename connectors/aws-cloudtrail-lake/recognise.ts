import type { BodySample, Recognition } from '../contract.ts';
import { isOneObject } from '../parts/one-object.ts';
import { csvFields } from '../parts/tokens.ts';
import { isObject } from '../parts/value.ts';
import { isLakeColumn, knownColumns } from './columns.ts';

/** `…/CloudTrail-Lake/Query/<year>/<month>/<day>/<query>/result_1.csv.gz`, and `result_sign.json` beside it. */
const RESULT_KEY = /(?:^|\/)result_\d+\.csv(?:\.gz)?$/;
const SIGN_KEY = /(?:^|\/)result_sign\.json$/;

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-download-cloudtrail-lake-query-results.html */
export function roleOfKey(key: string): 'records' | 'digest' | 'ignore' {
  if (SIGN_KEY.test(key)) return 'digest';
  return RESULT_KEY.test(key) ? 'records' : 'ignore';
}

/** Fields of a header looked at. */
const MOST_COLUMNS = 200;

export function recognise(sample: BodySample): Recognition | null {
  const { members, records, text, path } = sample;
  if (members.includes('hashSignature') && members.includes('publicKeyFingerprint') && isOneObject(sample))
    return { role: 'digest', confidence: 0.95 };
  if (members.includes('QueryResultRows')) return { role: 'records', confidence: 0.9 };
  if (records.some(isLakeRow)) return { role: 'records', confidence: 0.85 };
  if (isLakeHeader(text)) return { role: 'records', confidence: 0.9 };
  const role = roleOfKey(path);
  return role === 'ignore' ? null : { role, confidence: 0.6 };
}

/** Names that only an event's columns have; `eventTime` and its like are in other logs as well. */
function isLakeHeader(text: string): boolean {
  const line = /^[^\r\n]{1,16384}/.exec(text)?.[0];
  if (line === undefined || !line.includes('event')) return false;
  const names = csvFields(line, MOST_COLUMNS).map((name) => name.trim());
  if (!names.every((name) => /^\w[\w.]{0,80}$/.test(name))) return false;
  const known = knownColumns(names);
  return known >= 2 || (known === 1 && names.some((name) => name.toLowerCase() === 'eventjson'));
}

/** A row as JSON: columns of an event data store have lower-case names, members of an event do not. */
function isLakeRow(record: unknown): boolean {
  if (!isObject(record)) return false;
  const names = Object.keys(record);
  return (
    names.includes('eventjson') ||
    (names.includes('eventsource') && names.includes('eventname') && names.filter(isLakeColumn).length >= 3)
  );
}
