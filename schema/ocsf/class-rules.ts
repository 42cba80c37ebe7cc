/**
 * What each class asks beyond the catalogue's attributes, and which columns or facts of the record say it. An attribute
 * that nothing says stays away; a class that cannot do without it is then not this record's class (settle.ts).
 */

import { FROM_HOST } from './mapping.ts';
import { TARGET_KINDS } from './target-kinds.ts';
import {
  all,
  type Condition,
  column,
  constant,
  fact,
  filler,
  first,
  not,
  type Rule,
  rule,
  type Value,
  when,
} from './value.ts';

export interface ClassRules {
  readonly rules: readonly Rule[];
  /** Whether targets are what `resources` of this class means. */
  readonly resources?: true;
  /** Attributes that mean something else in this class than the catalogue's column. */
  readonly omit?: readonly string[];
}

const kind = (...kinds: readonly string[]): Condition => ({ kind: kinds });

const kindMap = (
  of: 'typeId' | 'entityTypeId',
  ...kinds: readonly string[]
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    TARGET_KINDS.filter((one) => one[of] !== null && (kinds.length === 0 || kinds.includes(one.kind))).map(
      (one) => [one.type, one[of]!],
    ),
  );

/** A number by the target's type; `other` for a type that is not listed, or not said where the attribute is required. */
const targetMap = (to: Readonly<Record<string, number>>, other: number | null): Value => ({
  map: 'target_type',
  to,
  other,
  folded: true,
  ...(other === 0 ? { empty: 0 } : {}),
});

/** The user a record is about: what the connector found in it, else its target where that is an account. */
const TARGET_USER: readonly Rule[] = [
  rule(
    'user.name',
    first(fact('user.name'), when(all({ noFact: 'user' }, kind('user')), column('target_name'))),
  ),
  rule('user.uid', first(fact('user.uid'), when(all({ noFact: 'user' }, kind('user')), column('target_id')))),
  filler('user.type_id', when({ noFact: 'user' }, targetMap(kindMap('typeId', 'user'), null))),
];

/** Somebody became another account: then that account is the subject, otherwise the actor is. */
const SWITCHED: Condition = all(kind('user'), {
  any: [{ column: 'activity', in: ['Account Switch'] }, not({ present: 'actor_name' })],
});

const TARGET_GROUP: readonly Rule[] = [
  rule(
    'group.name',
    first(fact('group.name'), when(all({ noFact: 'group' }, kind('group')), column('target_name'))),
  ),
  rule(
    'group.uid',
    first(fact('group.uid'), when(all({ noFact: 'group' }, kind('group')), column('target_id'))),
  ),
];

const PRIVILEGES = rule('privileges[]', { factList: 'privileges' });

/** `arn:aws:s3:::bucket/key` and `projects/_/buckets/bucket/objects/key` name the bucket of an object. */
const BUCKET_OF_OBJECT: Value = {
  match: 'target_id',
  pattern: '(?:^arn:[a-z-]+:s3:::|/buckets/)([^/]+)/',
};

const IN_HTTP: readonly Rule[] = [
  rule('http_request.http_method', column('operation')),
  rule('http_request.referrer', { member: ['request', 'referer'] }),
  rule('http_request.url.path', { match: 'target_id', pattern: '^(/[^?#]*)' }),
  rule('http_request.url.query_string', { match: 'target_id', pattern: '^/[^?#]*[?]([^#]+)' }),
  rule('http_request.url.url_string', { match: 'target_id', pattern: '^([A-Za-z][A-Za-z0-9+.-]*://.+)$' }),
  rule('http_request.version', { match: 'protocol', pattern: '^HTTP/([0-9.]+)$' }),
  rule('http_response.code', { member: ['response', 'status'] }),
];

export const CLASS_RULES: Readonly<Record<string, ClassRules>> = {
  'Base Event': { rules: [] },
  'API Activity': { rules: [], resources: true },
  Authentication: {
    rules: [
      rule('user.name', first(when(SWITCHED, column('target_name')), column('actor_name'))),
      rule('user.uid', first(when(SWITCHED, column('target_id')), column('actor_id'))),
      rule('service.name', first(fact('service.name'), when({ noFact: 'service' }, column('service')))),
      rule('service.uid', fact('service.uid')),
      rule('session.uid', column('actor_session')),
      rule('session.issuer', column('actor_issuer')),
      rule('session.credential_uid', column('actor_credential')),
      rule('is_mfa', column('mfa')),
    ],
  },
  'Account Change': { rules: TARGET_USER },
  'User Access Management': { rules: [...TARGET_USER, PRIVILEGES] },
  'Group Management': { rules: [...TARGET_GROUP, ...TARGET_USER, PRIVILEGES] },
  'Entity Management': {
    rules: [
      rule('entity.name', column('target_name')),
      rule('entity.uid', column('target_id')),
      filler('entity.type_id', targetMap(kindMap('entityTypeId'), 99)),
    ],
  },
  'Datastore Activity': {
    rules: [
      rule(
        'databucket.name',
        first(when(kind('databucket'), column('target_name')), when(kind('object'), BUCKET_OF_OBJECT)),
      ),
      rule('databucket.uid', when(kind('databucket'), column('target_id'))),
      filler('databucket.type_id', targetMap(kindMap('typeId', 'databucket', 'object'), 0)),
      rule('databucket.file.name', when(kind('object'), column('target_name'))),
      rule('databucket.file.uid', when(kind('object'), column('target_id'))),
      filler('databucket.file.type_id', constant(0)),
      rule(
        'database.name',
        first(
          fact('database.name'),
          when(all({ noFact: 'database' }, kind('database')), column('target_name')),
        ),
      ),
      rule('database.uid', when(all({ noFact: 'database' }, kind('database')), column('target_id'))),
      filler('database.type_id', targetMap(kindMap('typeId', 'database'), 0)),
      rule('table.name', when(kind('table'), column('target_name'))),
      rule('table.uid', when(kind('table'), column('target_id'))),
      rule(
        'type_id',
        first(
          when(kind('databucket', 'object'), constant(2)),
          when(kind('table'), constant(3)),
          when({ any: [kind('database'), not({ noFact: 'database' })] }, constant(1)),
        ),
      ),
      rule('query_info.query_string', column('command')),
    ],
  },
  'File Hosting Activity': {
    rules: [
      rule('file.name', column('target_name')),
      rule('file.uid', column('target_id')),
      filler('file.type_id', constant(0)),
    ],
  },
  'Process Activity': {
    rules: [
      rule('process.user.name', when(kind('user'), column('target_name'))),
      rule('actor.process.pid', when(FROM_HOST, { member: ['request', 'pid'] })),
      filler('actor.process.name', when(FROM_HOST, column('service'))),
    ],
  },
  'Scheduled Job Activity': {
    rules: [
      rule('job.name', when(kind('job'), column('target_name'))),
      rule('job.cmd_line', column('command')),
    ],
  },
  'Network Activity': { rules: [] },
  'SSH Activity': { rules: [] },
  'HTTP Activity': { rules: IN_HTTP },
  'Detection Finding': {
    rules: [
      // CloudTrail Insights names a finding by the id that its start and its end share.
      rule(
        'finding_info.uid',
        first(
          fact('finding_info.uid'),
          when({ column: 'category', in: ['Insight'] }, column('correlation_id')),
          when(kind('finding'), column('target_name')),
        ),
      ),
      rule('finding_info.title', fact('finding_info.title')),
      rule('finding_info.desc', fact('finding_info.desc')),
    ],
    resources: true,
    // Here it says how far the finding was dealt with.
    omit: ['status_id'],
  },
};

/** What any class with the attribute takes beside the catalogue's columns. */
export const EXTRA_RULES: readonly Rule[] = [
  // The host a session was on, where only its id is known.
  rule('device.instance_uid', when(all(FROM_HOST, kind('instance')), column('target_id'))),
  rule('src_endpoint.location.city', fact('src_endpoint.location.city')),
  rule('src_endpoint.location.region', fact('src_endpoint.location.region')),
  rule('src_endpoint.location.country', fact('src_endpoint.location.country')),
];
