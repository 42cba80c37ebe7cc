/** PCI DSS v4.0.1, requirement 10: one row for every sub-requirement, in our own words. */

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
  NETWORK,
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
import type { Evidence, Requirement, Standard } from './requirement.ts';

const POLICIES: readonly Requirement[] = [
  {
    id: '10.1.1',
    title: 'Policies and procedures for logging are written down, kept current, in use and known',
    control: 'The policy documents and how they are made known; this lake only shows that logging is in use.',
    reach: 'person',
    evidence: [{ kind: 'table', question: 'volume-by-source', says: 'what was received in the period' }],
    notCovered: ['Whether documents exist, are current, and are known to those whom they concern.'],
    statement: {
      name: 'pci-10.1.1',
      needs: 'Name the documents, their version and date, and how those concerned were told.',
    },
  },
  {
    id: '10.1.2',
    title: 'Roles and duties for logging are written down, assigned and understood',
    control: 'The assignment of duties; this lake shows who in fact used and kept it.',
    reach: 'person',
    evidence: [USES],
    notCovered: ['Who is responsible for what, and whether they know and accept it.'],
    statement: { name: 'pci-10.1.2', needs: 'Name the roles, who holds them, and where that is recorded.' },
  },
];

const WHAT: readonly Requirement[] = [
  {
    id: '10.2.1',
    title: 'Audit logs are on and active for all components and for cardholder data',
    control: 'Every source that sends, against what was expected of it hour by hour.',
    reach: 'supports',
    evidence: [HEARTBEAT, COVERAGE, GAPS, SILENT, PAUSES, PROVIDER_PROOFS],
    notCovered: [
      'Components that never sent anything: compare the list of sources with the inventory of components in scope.',
      WHAT_IS_LOGGED,
    ],
    statement: {
      name: 'pci-10.2.1',
      needs:
        'Give the inventory of components in scope, and for each the source above that covers it or the reason for none.',
    },
  },
  {
    id: '10.2.1.1',
    title: "Logs capture every individual user's access to cardholder data",
    control: 'Data events of the stores that hold cardholder data.',
    reach: 'supports',
    evidence: [
      {
        kind: 'population',
        question: 'data-access',
        says: 'accesses to data in storage and databases, whichever store',
      },
      {
        kind: 'population',
        question: 'secrets-reads',
        says: 'reads of secrets, which may open the way to data',
      },
      { kind: 'count', question: 'bulk-object-reads', says: 'identities that read many objects' },
    ],
    notCovered: [
      'Which stores hold cardholder data. Ask again for each: akashi query --name data-access --param store=<name>.',
      'Reads inside a database or an application that does not log them to a source collected here.',
      WHAT_IS_LOGGED,
    ],
    statement: {
      name: 'pci-10.2.1.1',
      needs:
        'Name the stores that hold cardholder data and confirm that data events are switched on for each.',
    },
  },
  {
    id: '10.2.1.2',
    title: 'Logs capture all actions taken with administrative access, also by applications and systems',
    control: 'Changes by people, role sessions and root; use of root; elevated commands on hosts.',
    reach: 'shown',
    evidence: [
      ADMIN,
      ROOT,
      { kind: 'population', question: 'sudo-commands', says: 'commands with elevated rights on hosts' },
      { kind: 'population', question: 'role-assumption-list', says: 'roles and service accounts taken on' },
    ],
    notCovered: [
      'Which identities count as administrators: the question takes every change by a person, role session or root.',
      'Changes that services and automation make under their own identity; who-did-what and actor-summary list those.',
      WHAT_IS_LOGGED,
    ],
    statement: null,
  },
  {
    id: '10.2.1.3',
    title: 'Logs capture all access to audit logs',
    control: "The providers' records of reading logs, and this lake's own chain of custody.",
    reach: 'supports',
    evidence: [
      {
        kind: 'population',
        question: 'audit-log-reads',
        says: "reads of audit logs in the providers' own stores",
      },
      USES,
      DAYS,
    ],
    notCovered: [
      'Reads of files in the storage of this lake that go past its commands: those are in the data events of the storage, if switched on. Ask: akashi query --name audit-log-reads --param bucket=<name>.',
      'Custody records that were not sealed yet at this snapshot.',
    ],
    statement: null,
  },
  {
    id: '10.2.1.4',
    title: 'Logs capture all attempts at access that were not valid',
    control: 'Failed sign-ins and requests that were refused.',
    reach: 'shown',
    evidence: [
      REFUSED,
      GUESSING,
      GUESSED,
      {
        kind: 'count',
        question: 'anonymous-requests',
        says: 'rows of requests without any identity that were answered',
        lookIfAny: true,
      },
    ],
    notCovered: [
      'Attempts that a source does not log, such as connections refused before sign-in; rejected network flows are in rejected-inbound.',
      WHAT_IS_LOGGED,
    ],
    statement: null,
  },
  {
    id: '10.2.1.5',
    title: 'Logs capture changes to identification and authentication credentials',
    control: 'Changes to users, groups, keys, factors, roles and permissions.',
    reach: 'shown',
    evidence: [
      IDENTITY,
      { kind: 'population', question: 'account-lifecycle', says: 'accounts made, changed and deleted' },
      { kind: 'population', question: 'key-changes', says: 'long-lived keys made, changed and removed' },
      { kind: 'population', question: 'mfa-changes', says: 'second factors added, changed and removed' },
      { kind: 'population', question: 'password-changes', says: 'passwords set and reset' },
      { kind: 'population', question: 'role-grants', says: 'roles and permissions given and taken' },
      { kind: 'population', question: 'group-changes', says: 'memberships of groups changed' },
      {
        kind: 'population',
        question: 'grants-to-oneself',
        says: 'permissions that somebody gave to themselves',
        lookIfAny: true,
      },
      { kind: 'population', question: 'host-account-changes', says: 'accounts changed on hosts' },
    ],
    notCovered: ['Accounts inside applications and databases that send no logs here.', WHAT_IS_LOGGED],
    statement: null,
  },
  {
    id: '10.2.1.6',
    title: 'Logs capture every start, stop and pause of audit logs',
    control: 'Changes to trails, diagnostic settings and sinks; stretches in which nothing came.',
    reach: 'shown',
    evidence: [
      TAMPER,
      STOPPED,
      {
        kind: 'population',
        question: 'audit-scope-narrowed',
        says: 'audit logs told to take down less',
        lookIfAny: true,
      },
      { kind: 'population', question: 'logs-deleted', says: 'stored logs deleted', lookIfAny: true },
      PAUSES,
      {
        kind: 'count',
        question: 'traces-erased',
        says: 'commands on hosts that erase traces',
        lookIfAny: true,
      },
    ],
    notCovered: [
      'A log that was switched off so that its own last event was lost: that shows as a gap or silence in the coverage.',
    ],
    statement: null,
  },
  {
    id: '10.2.1.7',
    title: 'Logs capture all creation and deletion of system-level objects',
    control: 'Machines, networks, stores, databases, keys and accounts made and deleted.',
    reach: 'shown',
    evidence: [
      OBJECTS,
      NETWORK,
      { kind: 'population', question: 'scheduled-jobs', says: 'scheduled jobs made and changed' },
    ],
    notCovered: [
      'Objects inside an operating system or a database, such as system files and tables, unless their own audit log is collected.',
    ],
    statement: null,
  },
  {
    id: '10.2.2',
    title:
      'Every log entry says who, what kind of event, when, with what result, from where, and what was affected',
    control: 'The share of each source’s records that say each of the six.',
    reach: 'shown',
    evidence: [COMPLETENESS, UNREADABLE],
    notCovered: [
      'Whether a field’s value is right: it is what the source says.',
      'Events that by their nature have no target or no address lower a percentage without any fault.',
      'Unreadable records have no time, so they are counted over the whole lake.',
    ],
    statement: null,
  },
];

const PROTECTED: readonly Requirement[] = [
  {
    id: '10.3.1',
    title: 'Only those who need to for their work can read audit logs',
    control: 'Access rights on the storage of the lake; who in fact used it.',
    reach: 'person',
    evidence: [USES, DAYS],
    notCovered: [
      'Who could read the lake: that is in the access rights of its storage, not in logs.',
      'Whether each of them needs to.',
    ],
    statement: {
      name: 'pci-10.3.1',
      needs:
        'Attach the access policy of the storage and the last review of who has access, with its date and outcome.',
    },
  },
  {
    id: '10.3.2',
    title: 'Audit logs are protected from being changed by anybody',
    control: 'Write-once storage under a retention date, and a signed Merkle ledger over every object.',
    reach: 'supports',
    evidence: [LEDGER, STAMPS, RETENTION, PROVIDER_PROOFS, CONFLICTS],
    notCovered: [
      'Retention dates are those the store promised when each body was sealed; akashi verify compares them with the store as it is.',
      'What the lake held before it was sealed here: for CloudTrail the provider’s digests reach further back, for other sources nothing does.',
      'In a folder on a disk whoever owns the disk can remove the whole lake; then only a head remembered elsewhere tells.',
    ],
    statement: {
      name: 'pci-10.3.2',
      needs:
        'Attach the lock configuration of the storage (mode and period) and say where remembered heads of the ledger are kept.',
    },
  },
  {
    id: '10.3.3',
    title: 'Audit logs are promptly backed up to central, secure servers or media that are hard to change',
    control: 'Time from the last record of a body to its storage in the lake.',
    reach: 'supports',
    evidence: [ARRIVAL, COVERAGE],
    notCovered: [
      'Whether the delay is prompt enough, and whether a second copy exists elsewhere: replication is a setting of the storage.',
      'Archives collected long after the fact count with their whole age.',
    ],
    statement: {
      name: 'pci-10.3.3',
      needs: 'Say where copies of the lake are kept and what delay is held to be prompt.',
    },
  },
  {
    id: '10.3.4',
    title: 'File integrity monitoring or change detection raises an alarm when existing log data is changed',
    control: 'Runs of the verifier, which hashes what is stored and compares it with the ledger.',
    reach: 'supports',
    evidence: [VERIFICATIONS, LEDGER, STAMPS],
    notCovered: [
      'Runs without --record are not on record.',
      'Whether an alarm reaches somebody: show a drill with its alert and answer.',
    ],
    statement: {
      name: 'pci-10.3.4',
      needs:
        'Say how often the verifier runs, whom it alerts, and give the date and outcome of the last drill.',
    },
  },
];

const REVIEWED: readonly Requirement[] = [
  {
    id: '10.4.1',
    title:
      'Security events, and logs of critical and security components, are reviewed at least once every day',
    control: 'The daily review by a person; this lake shows on which days it was asked, and what there was.',
    reach: 'person',
    evidence: [DAYS, REFUSED, TAMPER],
    notCovered: [
      'That a person read and judged anything: asking the lake is not a review, and a review elsewhere leaves no record here.',
    ],
    statement: {
      name: 'pci-10.4.1',
      needs:
        'Attach the record of daily reviews: who, when, what was found, what was done; explain days without one.',
    },
  },
  {
    id: '10.4.1.1',
    title: 'Reviews are done with automated means',
    control: 'Saved questions run on a schedule, with a record of each run.',
    reach: 'supports',
    evidence: [DAYS],
    notCovered: ['Which of these runs were scheduled, and who gets what they find.'],
    statement: {
      name: 'pci-10.4.1.1',
      needs: 'Describe the automated review: which questions, how often, where findings go.',
    },
  },
  {
    id: '10.4.2',
    title: 'Logs of all other components are reviewed periodically',
    control: 'The periodic review by a person.',
    reach: 'person',
    evidence: [{ kind: 'count', question: 'lake-use-by-day', says: 'days on which somebody asked the lake' }],
    notCovered: ['Which components these are, how often they are to be reviewed, and that they were.'],
    statement: {
      name: 'pci-10.4.2',
      needs: 'Attach the record of periodic reviews of all other components.',
    },
  },
  {
    id: '10.4.2.1',
    title: 'How often other components are reviewed follows from a targeted risk analysis',
    control: 'The risk analysis, which is a document.',
    reach: 'person',
    evidence: [],
    notCovered: ['Everything: no log shows a risk analysis.'],
    statement: {
      name: 'pci-10.4.2.1',
      needs: 'Attach the targeted risk analysis that sets the period, with its date and approval.',
    },
  },
  {
    id: '10.4.3',
    title: 'Exceptions and anomalies found in review are followed up',
    control: 'Tickets and what became of them; custody records name the case they were made for.',
    reach: 'person',
    evidence: [USES],
    notCovered: ['What was found, who dealt with it, and when it was closed.'],
    statement: {
      name: 'pci-10.4.3',
      needs: 'List the exceptions found, each with its ticket, who dealt with it and when it was closed.',
    },
  },
];

const KEPT: readonly Requirement[] = [
  {
    id: '10.5.1',
    title: 'Audit logs are kept for at least 12 months, the latest three of them at hand for analysis',
    control: 'The oldest record and the retention date of each source; a count over the last three months.',
    reach: 'supports',
    evidence: [
      RETENTION,
      {
        kind: 'table',
        question: 'kept-by-month',
        parameters: WHOLE_LAKE,
        says: 'what is kept of each month',
      },
      {
        kind: 'table',
        question: 'recent-months',
        says: 'records of the three months before the end of the period, counted for this report in one query',
        lookIfNone: true,
      },
      { kind: 'table', question: 'archive-size', says: 'the size of what is kept' },
    ],
    notCovered: [
      'Sources younger than 12 months cannot show 12 months; say since when each is in scope.',
      'A lock promised for less than 12 months can be prolonged and never shortened; bodies locked for less are counted as locked too short.',
    ],
    statement: {
      name: 'pci-10.5.1',
      needs: 'State the retention policy, and since when each source has been in scope.',
    },
  },
];

const TIME: readonly Requirement[] = [
  {
    id: '10.6.1',
    title: 'System clocks are synchronised with a common technology that is kept current',
    control:
      'How far records lie from the time they were received, and the lake’s clock from a time authority.',
    reach: 'supports',
    evidence: [CLOCKS, ARRIVAL, AHEAD],
    notCovered: [
      'Which synchronisation is in use and whether its software is current.',
      'A clock that runs behind cannot be told from a log that arrives late.',
    ],
    statement: {
      name: 'pci-10.6.1',
      needs: 'Name the time synchronisation in use on each kind of component and how it is kept current.',
    },
  },
  {
    id: '10.6.2',
    title:
      'Systems get correct and consistent time from designated servers that take it from accepted sources',
    control: 'The configuration of time servers.',
    reach: 'person',
    evidence: [CLOCKS],
    notCovered: ['Which servers are designated, where they take time from, and who may ask them.'],
    statement: {
      name: 'pci-10.6.2',
      needs: 'Attach the configuration of the designated time servers and their sources.',
    },
  },
  {
    id: '10.6.3',
    title: 'Time settings and data are protected: few may change them, and changes are logged and reviewed',
    control: 'Access to time settings, and commands on hosts that change them.',
    reach: 'person',
    evidence: [TIME_SETTING],
    notCovered: [
      'Who may change time settings.',
      'Changes on hosts whose commands are not logged here, and in appliances.',
    ],
    statement: {
      name: 'pci-10.6.3',
      needs: 'Say who may change time settings, and attach the review of such changes.',
    },
  },
];

const FAILURES_SEEN: readonly Evidence[] = [
  GAPS,
  STOPPED,
  DETECTION_OFF,
  ALARMS_OFF,
  { kind: 'population', question: 'flow-logs-stopped', says: 'flow logs stopped', lookIfAny: true },
  LOST_FLOWS,
  SILENT,
];

const FAILURES: readonly Requirement[] = [
  {
    id: '10.7.1',
    title:
      'Service providers: failures of critical security controls are detected, alerted and dealt with promptly',
    control:
      'Logging and detection that stopped, as far as logs tell. Superseded by 10.7.2 since 2025-03-31.',
    reach: 'supports',
    evidence: FAILURES_SEEN,
    notCovered: [
      'Controls other than logging, detection and alarms: firewalls, anti-malware, physical access and others.',
      'Whether anybody was alerted, and how promptly.',
    ],
    statement: {
      name: 'pci-10.7.1',
      needs:
        'For service providers: list the critical controls and how the failure of each is detected and alerted.',
    },
  },
  {
    id: '10.7.2',
    title: 'Failures of critical security controls are detected, alerted and dealt with promptly',
    control: 'Logging and detection that stopped, as far as logs tell.',
    reach: 'supports',
    evidence: FAILURES_SEEN,
    notCovered: [
      'Controls other than logging, detection and alarms: firewalls, anti-malware, segmentation tests and others.',
      'Whether anybody was alerted, and how promptly.',
    ],
    statement: {
      name: 'pci-10.7.2',
      needs: 'List the critical controls and how the failure of each is detected, alerted and dealt with.',
    },
  },
  {
    id: '10.7.3',
    title:
      'Failures of critical security controls are answered: restored, recorded with cause and length, and kept from recurring',
    control: 'When logging stood still and when it ran again; everything else is in the incident record.',
    reach: 'person',
    evidence: [PAUSES, GAPS],
    notCovered: [
      'Cause, risk assessment, remedy and what keeps it from recurring.',
      'Start and end of failures of other controls.',
    ],
    statement: {
      name: 'pci-10.7.3',
      needs:
        'For each failure: start, end, cause, what was done, whether data was lost, and what keeps it from recurring.',
    },
  },
];

export const PCI: Standard = {
  name: 'pci',
  title: 'PCI DSS v4.0.1, requirement 10',
  summary: 'PCI DSS v4.0.1 requirement 10: what logs show of every sub-requirement, and what they do not',
  uri: 'https://www.pcisecuritystandards.org/document_library/',
  scope:
    'It states what the logs in this lake show of logging and monitoring access to system components and cardholder data. Requirements are told in our own words; the text of the standard is what counts.',
  groups: [
    { title: '10.1 Policies and duties', requirements: POLICIES },
    { title: '10.2 What is logged', requirements: WHAT },
    { title: '10.3 Logs are protected', requirements: PROTECTED },
    { title: '10.4 Logs are reviewed', requirements: REVIEWED },
    { title: '10.5 Logs are kept', requirements: KEPT },
    { title: '10.6 Clocks', requirements: TIME },
    { title: '10.7 Failures of controls', requirements: FAILURES },
  ],
};
