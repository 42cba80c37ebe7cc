/** ISO/IEC 27001:2022, Annex A: A.8.15 logging, A.8.16 monitoring, A.8.17 clocks, each by its parts, in our own words. */

import {
  ADMIN,
  AHEAD,
  ALARMS_OFF,
  ARRIVAL,
  CLOCKS,
  COMPLETENESS,
  CONFLICTS,
  COVERAGE,
  DAYS,
  DETECTION_OFF,
  GAPS,
  GUESSED,
  GUESSING,
  HEARTBEAT,
  IDENTITY,
  LEDGER,
  LOST_FLOWS,
  OBJECTS,
  PAUSES,
  PROVIDER_PROOFS,
  REFUSED,
  RETENTION,
  ROOT,
  SILENT,
  STAMPS,
  STOPPED,
  TAMPER,
  TIME_SETTING,
  UNREADABLE,
  USES,
  VERIFICATIONS,
  WHAT_IS_LOGGED,
  WHOLE_LAKE,
} from './parts.ts';
import type { Requirement, Standard } from './requirement.ts';

const LOGGING: readonly Requirement[] = [
  {
    id: 'A.8.15-produced',
    title: 'Logs are produced of activities, exceptions, faults and other events that matter',
    control: 'What sends, and how much of each kind of event there is.',
    reach: 'supports',
    evidence: [
      HEARTBEAT,
      { kind: 'population', question: 'all-sign-ins', says: 'sign-ins, successful or not' },
      REFUSED,
      ADMIN,
      ROOT,
      IDENTITY,
      OBJECTS,
      { kind: 'population', question: 'data-access', says: 'accesses to data in storage and databases' },
      COMPLETENESS,
      UNREADABLE,
    ],
    notCovered: [
      'Which events the organisation decided to log, and components that never sent anything.',
      WHAT_IS_LOGGED,
    ],
    statement: {
      name: 'iso27001-A.8.15-produced',
      needs: 'Attach the logging policy: what is to be logged, of which systems, for which purpose.',
    },
  },
  {
    id: 'A.8.15-stored',
    title: 'Logs are stored for as long as they are needed',
    control: 'How far back each source reaches, until when it is locked, and how much there is.',
    reach: 'supports',
    evidence: [
      RETENTION,
      {
        kind: 'table',
        question: 'kept-by-month',
        parameters: WHOLE_LAKE,
        says: 'what is kept of each month, over the whole lake',
      },
      { kind: 'table', question: 'archive-size', says: 'the size of what is kept' },
      ARRIVAL,
      COVERAGE,
      GAPS,
    ],
    notCovered: ['How long logs are needed: that follows from law, contracts and the policy.'],
    statement: {
      name: 'iso27001-A.8.15-stored',
      needs: 'State the retention period for logs and what it follows from.',
    },
  },
  {
    id: 'A.8.15-protected',
    title: 'Logs are protected from being changed, deleted or read by those who may not',
    control:
      'Write-once storage, a signed Merkle ledger with time-stamps, runs of the verifier, and use on record.',
    reach: 'supports',
    evidence: [
      LEDGER,
      STAMPS,
      VERIFICATIONS,
      PROVIDER_PROOFS,
      CONFLICTS,
      TAMPER,
      STOPPED,
      PAUSES,
      {
        kind: 'population',
        question: 'audit-log-reads',
        says: "reads of audit logs in the providers' own stores",
      },
      USES,
    ],
    notCovered: [
      'Who could read or administer the storage: that is in its access rights.',
      'In a folder on a disk whoever owns the disk can remove the whole lake; then only a head remembered elsewhere tells.',
    ],
    statement: {
      name: 'iso27001-A.8.15-protected',
      needs:
        'Attach the lock configuration and the access policy of the storage; say where remembered heads of the ledger are kept.',
    },
  },
  {
    id: 'A.8.15-analysed',
    title: 'Logs are analysed',
    control: 'On which days somebody asked the lake; the analysis is a person’s.',
    reach: 'person',
    evidence: [DAYS, USES],
    notCovered: ['That a person read and judged anything.'],
    statement: {
      name: 'iso27001-A.8.15-analysed',
      needs: 'Say who analyses logs, how often and with what means; attach the record of the period.',
    },
  },
];

const MONITORING: readonly Requirement[] = [
  {
    id: 'A.8.16-networks',
    title: 'Networks are monitored for behaviour out of the ordinary',
    control: 'Flow logs: what was rejected, scanned, moved in bulk.',
    reach: 'supports',
    evidence: [
      { kind: 'count', question: 'rejected-inbound', says: 'rows of inbound traffic that was rejected' },
      { kind: 'count', question: 'port-scans', says: 'addresses that scanned ports', lookIfAny: true },
      { kind: 'count', question: 'host-sweeps', says: 'addresses that tried many hosts', lookIfAny: true },
      {
        kind: 'count',
        question: 'bulk-transfers',
        says: 'source addresses that moved much data',
        lookIfAny: true,
      },
      {
        kind: 'count',
        question: 'admin-ports-from-outside',
        says: 'outside addresses that reached ports of administration',
        lookIfAny: true,
      },
      { kind: 'population', question: 'flow-logs-stopped', says: 'flow logs stopped', lookIfAny: true },
      LOST_FLOWS,
    ],
    notCovered: ['Networks whose flow logs are off or not collected here, and the content of traffic.'],
    statement: {
      name: 'iso27001-A.8.16-networks',
      needs: 'Say which networks are in scope and what monitors those without flow logs here.',
    },
  },
  {
    id: 'A.8.16-systems',
    title: 'Systems and applications are monitored for behaviour out of the ordinary',
    control: 'What stands out in events, and that logging and detection stayed on.',
    reach: 'supports',
    evidence: [
      GUESSING,
      GUESSED,
      {
        kind: 'count',
        question: 'password-spray',
        says: 'addresses that tried many accounts',
        lookIfAny: true,
      },
      {
        kind: 'count',
        question: 'credential-from-two-networks',
        says: 'credentials used from two networks at a time',
        lookIfAny: true,
      },
      {
        kind: 'count',
        question: 'mass-deletion',
        says: 'identities that deleted much at once',
        lookIfAny: true,
      },
      { kind: 'count', question: 'many-secrets', says: 'identities that read many secrets', lookIfAny: true },
      {
        kind: 'population',
        question: 'risky-sign-ins',
        says: 'sign-ins that the provider calls risky',
        lookIfAny: true,
      },
      DETECTION_OFF,
      ALARMS_OFF,
      SILENT,
      COVERAGE,
    ],
    notCovered: [
      'What is ordinary: the questions use fixed thresholds, told with each.',
      'Applications that send no logs here.',
    ],
    statement: {
      name: 'iso27001-A.8.16-systems',
      needs: 'Describe the baseline of ordinary behaviour and how it is kept current.',
    },
  },
  {
    id: 'A.8.16-evaluated',
    title: 'What is found is evaluated as a possible incident, and acted on',
    control: 'Uses of the lake under the name of a case; the evaluation is in the incident record.',
    reach: 'person',
    evidence: [USES, DAYS],
    notCovered: ['Which findings were evaluated, by whom, and what was done.'],
    statement: {
      name: 'iso27001-A.8.16-evaluated',
      needs: 'List the findings evaluated in the period, with their outcome.',
    },
  },
];

const TIME: readonly Requirement[] = [
  {
    id: 'A.8.17-synchronised',
    title: 'The clocks of systems are synchronised',
    control:
      'How far records lie from the time they were received, and the lake’s clock from a time authority.',
    reach: 'supports',
    evidence: [CLOCKS, ARRIVAL, AHEAD, TIME_SETTING],
    notCovered: [
      'Which synchronisation is in use.',
      'A clock that runs behind cannot be told from a log that arrives late.',
    ],
    statement: {
      name: 'iso27001-A.8.17-synchronised',
      needs: 'Name the time synchronisation of each kind of system, and how it is watched.',
    },
  },
  {
    id: 'A.8.17-sources',
    title: 'Clocks follow time sources that are approved',
    control: 'The configuration of time servers.',
    reach: 'person',
    evidence: [CLOCKS],
    notCovered: ['Which sources are approved, and which are configured.'],
    statement: {
      name: 'iso27001-A.8.17-sources',
      needs: 'Name the approved sources and attach the configuration that uses them.',
    },
  },
];

export const ISO27001: Standard = {
  name: 'iso27001',
  title: 'ISO/IEC 27001:2022, A.8.15 to A.8.17',
  summary: 'ISO/IEC 27001:2022 A.8.15 logging, A.8.16 monitoring and A.8.17 clocks, part by part',
  uri: 'https://www.iso.org/standard/27001',
  scope:
    'It states what the logs in this lake show of logging, monitoring and clock synchronisation. Controls are told in our own words, each by its parts; the text of the standard is what counts.',
  groups: [
    { title: 'A.8.15 Logging', requirements: LOGGING },
    { title: 'A.8.16 Monitoring', requirements: MONITORING },
    { title: 'A.8.17 Clocks', requirements: TIME },
  ],
};
