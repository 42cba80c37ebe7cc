/** Evidence that several standards ask for in the same way. */

import type { Evidence } from './requirement.ts';

export const WHOLE_LAKE = { since: '1970-01-01', until: '2200-01-01' };

/** Said of everything that is counted in events. */
export const WHAT_IS_LOGGED =
  'Only what the sources log and deliver is counted: a component, a data-event selector or an audit level that is switched off leaves no event and no trace of its absence.';

export const COVERAGE: Evidence = { kind: 'facts', facts: 'coverage' };
export const LEDGER: Evidence = { kind: 'facts', facts: 'ledger' };
export const STAMPS: Evidence = { kind: 'facts', facts: 'stamps' };
export const CLOCKS: Evidence = { kind: 'facts', facts: 'clocks' };

export const HEARTBEAT: Evidence = {
  kind: 'table',
  question: 'source-heartbeat',
  says: 'each source, account and region that sends',
  lookIf: [
    { column: 'gaps', above: 0 },
    { column: 'silent', above: 0 },
  ],
};
export const GAPS: Evidence = {
  kind: 'count',
  question: 'coverage-gaps',
  says: 'stretches that are missing, silent or uncertain',
  lookIfAny: true,
};
export const SILENT: Evidence = {
  kind: 'count',
  question: 'silent-sources',
  says: 'streams that stopped sending',
  lookIfAny: true,
};
export const COMPLETENESS: Evidence = {
  kind: 'table',
  question: 'field-completeness',
  says: 'per cent of records that say who, what, when, with what result, from where and to what',
  lookIfNone: true,
  lookIf: ['who', 'what', 'at_what_time', 'result'].map((column) => ({ column, below: 100 })),
};
export const UNREADABLE: Evidence = {
  kind: 'count',
  question: 'unreadable-records',
  says: 'kinds of records that could not be read, over the whole lake',
  lookIfAny: true,
};
export const RETENTION: Evidence = {
  kind: 'table',
  question: 'retention-by-source',
  parameters: WHOLE_LAKE,
  says: 'how far back each source reaches and until when its bodies are locked, over the whole lake',
  lookIfNone: true,
  lookIf: [{ column: 'locked_too_short', above: 0 }],
};
export const PROVIDER_PROOFS: Evidence = {
  kind: 'table',
  question: 'provider-proofs',
  parameters: WHOLE_LAKE,
  says: "what the providers' own digests prove, over the whole lake",
};
export const CONFLICTS: Evidence = {
  kind: 'count',
  question: 'conflicting-copies',
  says: 'events whose copies disagree',
  lookIfAny: true,
};
export const VERIFICATIONS: Evidence = {
  kind: 'table',
  question: 'verifications',
  says: 'verifications on record',
  lookIfNone: true,
  lookIf: [{ column: 'result', not: 'nothing wrong' }],
};
export const ARRIVAL: Evidence = {
  kind: 'table',
  question: 'arrival-percentiles',
  says: 'seconds from the last record of a body to its storage; a negative least is a clock that ran ahead',
  lookIfNone: true,
};
export const AHEAD: Evidence = {
  kind: 'count',
  question: 'clocks-ahead',
  says: 'bodies with records from after the time they were received',
  lookIfAny: true,
};
export const TIME_SETTING: Evidence = {
  kind: 'count',
  question: 'time-setting-commands',
  says: 'commands on hosts that set the time or its service',
  lookIfAny: true,
};
export const USES: Evidence = {
  kind: 'count',
  question: 'lake-custody',
  says: 'uses of this lake on record',
};
export const DAYS: Evidence = {
  kind: 'table',
  question: 'lake-use-by-day',
  says: 'days on which somebody asked the lake',
  lookIfNone: true,
};
export const REFUSED: Evidence = {
  kind: 'population',
  question: 'access-refused',
  says: 'failed sign-ins and requests refused for want of permission',
};
export const GUESSING: Evidence = {
  kind: 'count',
  question: 'brute-force',
  says: 'series of failures that look like guessing',
  lookIfAny: true,
};
export const GUESSED: Evidence = {
  kind: 'count',
  question: 'success-after-failures',
  says: 'sign-ins that succeeded after a series of failures',
  lookIfAny: true,
};
export const ADMIN: Evidence = {
  kind: 'population',
  question: 'admin-actions',
  says: 'changes by people, role sessions and root',
};
export const ROOT: Evidence = {
  kind: 'population',
  question: 'root-use',
  says: 'uses of root',
  lookIfAny: true,
};
export const IDENTITY: Evidence = {
  kind: 'population',
  question: 'identity-change-list',
  says: 'changes to identities, credentials and permissions',
};
export const TAMPER: Evidence = {
  kind: 'population',
  question: 'logging-tamper',
  says: 'changes to what is logged and where it goes',
  lookIfAny: true,
};
export const STOPPED: Evidence = {
  kind: 'population',
  question: 'audit-logs-stopped',
  says: 'audit logs stopped or deleted',
  lookIfAny: true,
};
export const PAUSES: Evidence = {
  kind: 'table',
  question: 'logging-pauses',
  says: 'when audit logs stood still, and when they ran again',
};
export const DETECTION_OFF: Evidence = {
  kind: 'population',
  question: 'detection-disabled',
  says: 'detection switched off',
  lookIfAny: true,
};
export const ALARMS_OFF: Evidence = {
  kind: 'population',
  question: 'alarms-silenced',
  says: 'alarms silenced or deleted',
  lookIfAny: true,
};
export const OBJECTS: Evidence = {
  kind: 'population',
  question: 'system-objects',
  says: 'system-level objects created and deleted',
};
export const NETWORK: Evidence = {
  kind: 'population',
  question: 'network-changes',
  says: 'changes to networks',
};
export const LOST_FLOWS: Evidence = {
  kind: 'count',
  question: 'lost-flow-records',
  says: 'interfaces whose flow records the provider lost',
  lookIfAny: true,
};
