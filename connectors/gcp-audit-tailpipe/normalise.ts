import type { BodyFacts, Normalised, SourceRecord } from '../contract.ts';
import { auditEvent } from '../parts/gcp-audit.ts';
import { camelCased, camelCasedDeep } from '../parts/tailpipe-rows.ts';
import { isObject, type JsonObject, object } from '../parts/value.ts';

/** Columns that were members of the entry's audit log, and hold a structure. */
const STRUCTURES = ['status', 'request_metadata', 'resource_location'] as const;
/** The same with JSON or a plain value in them. */
const VALUES = [
  'service_name',
  'method_name',
  'resource_name',
  'num_response_items',
  'authorization_info',
  'policy_violation_info',
  'resource_original_state',
  'request',
  'response',
  'metadata',
  'service_data',
] as const;

export function normalise({ value }: SourceRecord, _facts: BodyFacts): Normalised {
  if (!isObject(value)) return unreadable('not_an_object', '', 'a row is an object');
  if (typeof value['log_name'] !== 'string' && typeof value['method_name'] !== 'string')
    return unreadable('missing_field', '/log_name', 'neither log_name nor method_name is there');
  return { kind: 'event', event: auditEvent(entryOf(value), payloadOf(value)) };
}

/** What Tailpipe put beside the payload. */
function entryOf(row: JsonObject): JsonObject {
  const { insert_id, log_name, timestamp, severity, trace, labels } = row;
  const http = object(row['http_request']);
  return {
    ...camelCased({ insert_id, log_name, timestamp, severity, trace }),
    resource: row['resource'],
    operation: row['operation'],
    labels,
    httpRequest: camelCased(http, { method: 'requestMethod', url: 'requestUrl' }),
  };
}

function payloadOf(row: JsonObject): JsonObject {
  const pick = (names: readonly string[]) =>
    Object.fromEntries(names.flatMap((name) => (name in row ? [[name, row[name]] as const] : [])));
  const payload = { ...camelCased(pick(VALUES)), ...object(camelCasedDeep(pick(STRUCTURES))) };
  return { ...payload, authenticationInfo: authenticationOf(object(row['authentication_info'])) };
}

/** Of the chain of service accounts Tailpipe kept the e-mail addresses alone. */
function authenticationOf(row: JsonObject): JsonObject {
  const { service_account_delegation_info: chain, ...rest } = row;
  const info = camelCased(rest);
  if (!Array.isArray(chain) || chain.length === 0) return info;
  const serviceAccountDelegationInfo = (chain as readonly unknown[]).map((principalEmail) => ({
    firstPartyPrincipal: { principalEmail },
  }));
  return { ...info, serviceAccountDelegationInfo };
}

function unreadable(code: 'not_an_object' | 'missing_field', path: string, problem: string): Normalised {
  return { kind: 'unreadable', code, path, problem };
}
