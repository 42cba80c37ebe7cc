/** Results as Azure's logs word them. */

import { Fields, opened } from './azure-fields.ts';
import { isObject, text } from './value.ts';

/** First word of resultType, status, resultSignature …, lower case → status. Words not here say nothing of a result. */
const STATUS = new Map<string, 'success' | 'failure' | 'started'>(
  Object.entries({
    start: 'started',
    started: 'started',
    accept: 'started',
    accepted: 'started',
    running: 'started',
    inprogress: 'started',
    'in progress': 'started',
    pending: 'started',
    queued: 'started',
    success: 'success',
    succeeded: 'success',
    succeed: 'success',
    ok: 'success',
    completed: 'success',
    created: 'success',
    fail: 'failure',
    failed: 'failure',
    failure: 'failure',
    error: 'failure',
    canceled: 'failure',
    cancelled: 'failure',
    timeout: 'failure',
    timedout: 'failure',
    denied: 'failure',
    forbidden: 'failure',
    unauthorized: 'failure',
    clienterror: 'failure',
    servererror: 'failure',
  } as const),
);

/** `Succeeded`, `Failed.Conflict`, `Started.`, `0`, `403` → status; null for words of other meaning (`Active`, `Resolved`). */
export function statusOf(word: string | null): 'success' | 'failure' | 'started' | null {
  if (word === null) return null;
  const lower = word.trim().toLowerCase();
  if (/^\d{1,9}$/.test(lower)) {
    const code = Number(lower);
    if (code === 0 || (code >= 200 && code < 400)) return 'success';
    return code >= 400 ? 'failure' : null;
  }
  const dot = lower.indexOf('.');
  const first = dot < 0 ? lower : lower.slice(0, dot);
  return STATUS.get(first) ?? null;
}

/** The same result in one word, however a delivery puts it: `Start` in a blob is `Started` elsewhere. */
export function resultWord(word: string | null): string {
  const lower = (word ?? '').toLowerCase();
  switch (lower) {
    case 'start':
      return 'started';
    case 'accept':
      return 'accepted';
    case 'success':
      return 'succeeded';
    case 'failure':
      return 'failed';
    default:
      return lower;
  }
}

/** Words that say how it ended and not why. */
const NO_REASON = /^(?:|failed|failure|fail|error|start(?:ed)?|accept(?:ed)?|succe(?:ss|eded)|[-0-3]\d*)$/i;

/** Why it failed: `Failed.Conflict` and `Conflict` → `Conflict`, `403` → `403`; null where only the result is said. */
export function reasonOf(signature: string | null): string | null {
  if (signature === null) return null;
  const reason = signature
    .replace(/^(?:failed|failure|clienterror|servererror)\./i, '')
    .replace(/\.$/, '')
    .trim();
  return NO_REASON.test(reason) ? null : reason;
}

export interface VendorError {
  readonly code: string | null;
  readonly message: string | null;
}

/** `{"error":{"code","message"}}`, `{"code","message"}` or plain text, also as JSON text. */
export function errorOf(statusMessage: unknown): VendorError {
  const said = opened(statusMessage);
  if (!isObject(said)) return { code: null, message: text(said) };
  const outer = new Fields(said);
  const inner = outer.fields('error');
  const error = inner.isEmpty ? outer : inner;
  return { code: error.text('code', 'errorCode'), message: error.text('message', 'errorMessage') };
}

/** Azure's levels, by name or by number, → OCSF severity caption; null for anything else. */
export function severityOf(level: string | null): string | null {
  switch (level?.toLowerCase()) {
    case 'critical':
    case '1':
      return 'Critical';
    case 'error':
    case '2':
    case 'high':
      return 'High';
    case 'warning':
    case '3':
    case 'medium':
      return 'Medium';
    case 'low':
      return 'Low';
    case 'information':
    case 'informational':
    case 'verbose':
    case '4':
    case '5':
      return 'Informational';
    default:
      return null;
  }
}
