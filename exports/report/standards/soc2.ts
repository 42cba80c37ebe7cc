/** SOC 2: the common criteria CC6, CC7 and CC8 of the Trust Services Criteria (2017, points of focus of 2022), in our own words. */

import {
  ADMIN,
  ALARMS_OFF,
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
  NETWORK,
  OBJECTS,
  PAUSES,
  REFUSED,
  RETENTION,
  ROOT,
  SILENT,
  STAMPS,
  STOPPED,
  TAMPER,
  UNREADABLE,
  USES,
  VERIFICATIONS,
  WHAT_IS_LOGGED,
} from './parts.ts';
import type { Requirement, Standard } from './requirement.ts';

const ACCESS: readonly Requirement[] = [
  {
    id: 'CC6.1',
    title: 'Logical access to information is restricted by software, infrastructure and architecture',
    control: 'Sign-ins and their second factor, refusals, use of root, secrets and keys, doors left open.',
    reach: 'supports',
    evidence: [
      { kind: 'population', question: 'all-sign-ins', says: 'sign-ins, successful or not' },
      {
        kind: 'population',
        question: 'sign-ins-without-mfa',
        says: 'sign-ins without a second factor',
        lookIfAny: true,
      },
      {
        kind: 'population',
        question: 'console-without-sso',
        says: 'console sign-ins past single sign-on',
        lookIfAny: true,
      },
      REFUSED,
      ROOT,
      {
        kind: 'population',
        question: 'break-glass-use',
        says: 'uses of emergency accounts',
        lookIfAny: true,
      },
      { kind: 'population', question: 'secrets-reads', says: 'reads of secrets' },
      { kind: 'population', question: 'encryption-weakened', says: 'encryption weakened', lookIfAny: true },
      {
        kind: 'count',
        question: 'public-storage',
        says: 'changes that opened storage to everybody',
        lookIfAny: true,
      },
      {
        kind: 'count',
        question: 'credential-from-two-networks',
        says: 'credentials used from two networks at a time',
        lookIfAny: true,
      },
    ],
    notCovered: [
      'How access is designed and configured: logs show its use and its changes.',
      'Access to systems that send no logs here.',
      WHAT_IS_LOGGED,
    ],
    statement: {
      name: 'soc2-CC6.1',
      needs: 'Describe the access control design, the inventory of systems it covers and its last review.',
    },
  },
  {
    id: 'CC6.2',
    title:
      'Users are registered and authorised before they get credentials, and lose them when no longer entitled',
    control: 'Accounts and credentials made, changed and removed.',
    reach: 'supports',
    evidence: [
      { kind: 'population', question: 'account-lifecycle', says: 'accounts made, changed and deleted' },
      { kind: 'population', question: 'key-changes', says: 'long-lived keys made, changed and removed' },
      { kind: 'population', question: 'mfa-changes', says: 'second factors added, changed and removed' },
      { kind: 'population', question: 'password-changes', says: 'passwords set and reset' },
      { kind: 'population', question: 'host-account-changes', says: 'accounts changed on hosts' },
      { kind: 'count', question: 'dormant-accounts', says: 'returns of accounts after weeks of silence' },
    ],
    notCovered: [
      'Who approved each, and whether leavers lost access in time: compare the sample with tickets and the list of leavers.',
    ],
    statement: {
      name: 'soc2-CC6.2',
      needs:
        'For the events drawn, give the request and its approval; attach the list of joiners and leavers.',
    },
  },
  {
    id: 'CC6.3',
    title: 'Access is given, changed and taken away by role, with least privilege and separation of duties',
    control: 'Roles, groups, policies, trust and federation changed.',
    reach: 'supports',
    evidence: [
      IDENTITY,
      { kind: 'population', question: 'role-grants', says: 'roles and permissions given and taken' },
      { kind: 'population', question: 'group-changes', says: 'memberships of groups changed' },
      { kind: 'population', question: 'policy-changes', says: 'policies changed' },
      { kind: 'population', question: 'trust-changes', says: 'trust between accounts changed' },
      { kind: 'population', question: 'federation-changes', says: 'identity providers changed' },
      { kind: 'population', question: 'application-consent', says: 'applications given access' },
      {
        kind: 'population',
        question: 'grants-to-oneself',
        says: 'permissions that somebody gave to themselves',
        lookIfAny: true,
      },
    ],
    notCovered: ['Whether a right was needed, who approved it, and the periodic review of rights.'],
    statement: {
      name: 'soc2-CC6.3',
      needs: 'Attach the last review of access rights, and the approvals of the events drawn.',
    },
  },
  {
    id: 'CC6.4',
    title: 'Physical access to facilities and protected assets is restricted',
    control: 'Nothing in these logs: physical access of cloud providers is in their own reports.',
    reach: 'person',
    evidence: [],
    notCovered: ['Everything: no log here shows who entered a building.'],
    statement: {
      name: 'soc2-CC6.4',
      needs:
        "Attach the providers' reports for their facilities, and the record of physical access to your own.",
    },
  },
  {
    id: 'CC6.5',
    title: 'Protection of an asset ends only once data on it can no longer be read',
    control: 'Deletion of stores, snapshots and keys, as far as clouds log it.',
    reach: 'person',
    evidence: [
      { kind: 'population', question: 'key-deletion', says: 'encryption keys disabled or deleted' },
      { kind: 'population', question: 'backups-deleted', says: 'backups deleted' },
    ],
    notCovered: ['Disposal of devices and media, and whether data on them was made unreadable.'],
    statement: { name: 'soc2-CC6.5', needs: 'Attach the record of disposals in the period.' },
  },
  {
    id: 'CC6.6',
    title: 'Access from outside the system’s boundary is guarded against',
    control: 'Changes to networks and firewalls, doors opened, traffic that was rejected.',
    reach: 'supports',
    evidence: [
      NETWORK,
      { kind: 'population', question: 'doors-opened', says: 'ways in that were opened', lookIfAny: true },
      {
        kind: 'count',
        question: 'open-security-groups',
        says: 'firewall rules opened to every address',
        lookIfAny: true,
      },
      {
        kind: 'population',
        question: 'functions-exposed',
        says: 'functions opened to the outside',
        lookIfAny: true,
      },
      {
        kind: 'count',
        question: 'databases-exposed',
        says: 'databases opened to the outside',
        lookIfAny: true,
      },
      {
        kind: 'count',
        question: 'admin-ports-from-outside',
        says: 'outside addresses that reached ports of administration',
        lookIfAny: true,
      },
      { kind: 'count', question: 'rejected-inbound', says: 'rows of inbound traffic that was rejected' },
      { kind: 'count', question: 'port-scans', says: 'addresses that scanned ports' },
      GUESSING,
    ],
    notCovered: [
      'The state of boundaries at a moment: logs show changes and traffic.',
      'Networks whose flow logs are off or are not collected here.',
    ],
    statement: {
      name: 'soc2-CC6.6',
      needs: 'Attach the boundary design and the configuration of firewalls at the end of the period.',
    },
  },
  {
    id: 'CC6.7',
    title:
      'Moving and removing information is restricted to those authorised, and it is protected on the way',
    control: 'Large transfers, exports, shares and links to data.',
    reach: 'supports',
    evidence: [
      {
        kind: 'count',
        question: 'bulk-transfers',
        says: 'source addresses that moved much data',
        lookIfAny: true,
      },
      { kind: 'count', question: 'transfers-to-outside', says: 'transfers to outside addresses' },
      { kind: 'population', question: 'data-exports', says: 'exports of data', lookIfAny: true },
      {
        kind: 'population',
        question: 'resources-shared',
        says: 'resources shared with others',
        lookIfAny: true,
      },
      {
        kind: 'population',
        question: 'shared-images-and-snapshots',
        says: 'images and snapshots shared',
        lookIfAny: true,
      },
      { kind: 'population', question: 'links-to-data', says: 'links made that open data to their holder' },
      { kind: 'count', question: 'bulk-object-reads', says: 'identities that read many objects' },
    ],
    notCovered: ['Whether a transfer was allowed, what it held, and mobile devices and removable media.'],
    statement: {
      name: 'soc2-CC6.7',
      needs:
        'For the transfers singled out, give who allowed them; describe the protection of devices and media.',
    },
  },
  {
    id: 'CC6.8',
    title: 'Unauthorised or malicious software is prevented, or found and acted on',
    control: 'Signs in logs: scheduled jobs, unusual ports; the anti-malware product itself is elsewhere.',
    reach: 'person',
    evidence: [
      { kind: 'population', question: 'scheduled-jobs', says: 'scheduled jobs made and changed' },
      {
        kind: 'count',
        question: 'peer-to-peer-ports',
        says: 'rows of traffic on peer-to-peer ports',
        lookIfAny: true,
      },
      DETECTION_OFF,
    ],
    notCovered: ['What anti-malware runs where, and what it found: its logs are not collected here.'],
    statement: {
      name: 'soc2-CC6.8',
      needs: 'Attach the coverage and findings of anti-malware in the period.',
    },
  },
];

const OPERATIONS: readonly Requirement[] = [
  {
    id: 'CC7.1',
    title: 'Changes of configuration that open vulnerabilities, and new vulnerabilities, are detected',
    control: 'Changes that open things to others; scanning for vulnerabilities is elsewhere.',
    reach: 'supports',
    evidence: [
      {
        kind: 'count',
        question: 'public-access-allowed',
        says: 'guards against public access removed',
        lookIfAny: true,
      },
      {
        kind: 'count',
        question: 'public-storage',
        says: 'changes that opened storage to everybody',
        lookIfAny: true,
      },
      {
        kind: 'count',
        question: 'open-security-groups',
        says: 'firewall rules opened to every address',
        lookIfAny: true,
      },
      {
        kind: 'count',
        question: 'databases-exposed',
        says: 'databases opened to the outside',
        lookIfAny: true,
      },
    ],
    notCovered: ['Vulnerability scans, their findings and how soon they were mended.', WHAT_IS_LOGGED],
    statement: {
      name: 'soc2-CC7.1',
      needs: 'Attach scan reports of the period and the state of their findings.',
    },
  },
  {
    id: 'CC7.2',
    title:
      'Systems are monitored for anomalies that point to malice, disaster or error, and these are analysed',
    control: 'That logs come in whole, that logging and detection stayed on, and what stands out in them.',
    reach: 'supports',
    evidence: [
      HEARTBEAT,
      COVERAGE,
      GAPS,
      SILENT,
      TAMPER,
      STOPPED,
      DETECTION_OFF,
      ALARMS_OFF,
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
        question: 'mass-deletion',
        says: 'identities that deleted much at once',
        lookIfAny: true,
      },
      { kind: 'count', question: 'many-secrets', says: 'identities that read many secrets', lookIfAny: true },
      {
        kind: 'count',
        question: 'cloud-hops',
        says: 'addresses that went from cloud to cloud',
        lookIfAny: true,
      },
      {
        kind: 'population',
        question: 'risky-sign-ins',
        says: 'sign-ins that the provider calls risky',
        lookIfAny: true,
      },
      DAYS,
    ],
    notCovered: [
      'That a person analysed anything: asking the lake is not an analysis.',
      'Natural disasters, errors of processing, and systems that send no logs here.',
    ],
    statement: {
      name: 'soc2-CC7.2',
      needs: 'Describe who monitors what, how often, and attach the record of it for the period.',
    },
  },
  {
    id: 'CC7.3',
    title: 'Security events are evaluated: could they, or did they, keep the entity from its objectives',
    control: 'Uses of the lake under the name of a case; the evaluation itself is in the incident record.',
    reach: 'person',
    evidence: [USES, DAYS],
    notCovered: ['Which events were evaluated, by whom, and with what outcome.'],
    statement: { name: 'soc2-CC7.3', needs: 'List the events evaluated in the period with their outcome.' },
  },
  {
    id: 'CC7.4',
    title: 'Incidents are answered by a defined programme: understood, contained, mended, communicated',
    control: 'When logging stood still and ran again; everything else is in the incident record.',
    reach: 'person',
    evidence: [PAUSES],
    notCovered: ['The programme, its roles, and how each incident was contained, mended and communicated.'],
    statement: {
      name: 'soc2-CC7.4',
      needs: 'Attach the incident records of the period, or state that there were none.',
    },
  },
  {
    id: 'CC7.5',
    title: 'Recovery from incidents is planned, carried out and tested',
    control: 'Backups, as far as clouds log that they were deleted.',
    reach: 'person',
    evidence: [{ kind: 'population', question: 'backups-deleted', says: 'backups deleted', lookIfAny: true }],
    notCovered: ['Recovery plans, restores and tests of them.'],
    statement: { name: 'soc2-CC7.5', needs: 'Attach recovery tests of the period and what was learned.' },
  },
];

const CHANGE: readonly Requirement[] = [
  {
    id: 'CC8.1',
    title:
      'Changes to infrastructure, data, software and procedures are authorised, tested, approved and documented',
    control: 'Changes as they were made; tickets, tests and approvals are elsewhere.',
    reach: 'supports',
    evidence: [
      ADMIN,
      OBJECTS,
      NETWORK,
      { kind: 'population', question: 'scheduled-jobs', says: 'scheduled jobs made and changed' },
      {
        kind: 'population',
        question: 'key-deletion',
        says: 'encryption keys disabled or deleted',
        lookIfAny: true,
      },
    ],
    notCovered: [
      'Authorisation, test and approval of a change: compare the sample with tickets.',
      'Changes by automation under its own identity, and changes of source code.',
      WHAT_IS_LOGGED,
    ],
    statement: {
      name: 'soc2-CC8.1',
      needs: 'For the events drawn, give the ticket with its approval and test.',
    },
  },
];

/** Not a criterion: auditors rely on lists that the entity makes only once they are shown to be whole and accurate. */
const INFORMATION: readonly Requirement[] = [
  {
    id: 'IPE',
    title: 'The information in this report is complete and accurate',
    control: 'How the lists were made, of what, how complete it is, and that it was not changed since.',
    reach: 'shown',
    evidence: [
      COVERAGE,
      COMPLETENESS,
      UNREADABLE,
      CONFLICTS,
      RETENTION,
      VERIFICATIONS,
      LEDGER,
      STAMPS,
      {
        kind: 'table',
        question: 'volume-by-source',
        parameters: { since: '1970-01-01', until: '2200-01-01' },
        says: 'records in, and what became of them, over the whole lake',
      },
    ],
    notCovered: [
      'Completeness before the providers delivered: only CloudTrail’s digests prove what was delivered, and only where they are held and judged.',
    ],
    statement: null,
  },
];

export const SOC2: Standard = {
  name: 'soc2',
  title: 'SOC 2, common criteria CC6 to CC8',
  summary:
    'SOC 2 criteria CC6, CC7 and CC8: populations, samples and figures from logs, and what is not in them',
  uri: 'https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022',
  scope:
    'It states what the logs in this lake show of logical access, system operations and change management. Criteria are told in our own words; the text of the Trust Services Criteria is what counts.',
  groups: [
    { title: 'CC6 Logical and physical access', requirements: ACCESS },
    { title: 'CC7 System operations', requirements: OPERATIONS },
    { title: 'CC8 Change management', requirements: CHANGE },
    { title: 'IPE Information made by the entity', requirements: INFORMATION },
  ],
};
