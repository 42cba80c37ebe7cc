/**
 * The columns of an event data store, and how each is read.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html
 */

import { mapOf, type Shape, structure, structures } from '../parts/row-text.ts';
import { boolean, type JsonObject, text } from '../parts/value.ts';

const ISSUER: Shape = {
  type: ['type'],
  principalid: ['principalId'],
  arn: ['arn'],
  accountid: ['accountId'],
  username: ['userName'],
};

const USER_IDENTITY: Shape = {
  type: ['type'],
  principalid: ['principalId'],
  arn: ['arn'],
  accountid: ['accountId'],
  accesskeyid: ['accessKeyId'],
  username: ['userName'],
  sessioncontext: [
    'sessionContext',
    {
      attributes: ['attributes', { creationdate: ['creationDate'], mfaauthenticated: ['mfaAuthenticated'] }],
      sessionissuer: ['sessionIssuer', ISSUER],
      webidfederationdata: [
        'webIdFederationData',
        { federatedprovider: ['federatedProvider'], attributes: ['attributes', 'map'] },
      ],
      sourceidentity: ['sourceIdentity'],
      ec2roledelivery: ['ec2RoleDelivery'],
      ec2issuedinvpc: ['ec2IssuedInVpc'],
      assumedroot: ['assumedRoot'],
    },
  ],
  onbehalfof: ['onBehalfOf', { userid: ['userId'], identitystorearn: ['identityStoreArn'] }],
  inscopeof: [
    'inScopeOf',
    {
      sourcearn: ['sourceArn'],
      sourceaccount: ['sourceAccount'],
      issuertype: ['issuerType'],
      credentialsissuedto: ['credentialsIssuedTo'],
      // As the vendor's page has it.
      credentiaisissuedto: ['credentialsIssuedTo'],
    },
  ],
  invokedby: ['invokedBy'],
  identityprovider: ['identityProvider'],
  credentialid: ['credentialId'],
};

const RESOURCE: Shape = {
  accountid: ['accountId'],
  type: ['type'],
  arn: ['ARN'],
  arnprefix: ['ARNPrefix'],
};

const TLS: Shape = {
  tlsversion: ['tlsVersion'],
  ciphersuite: ['cipherSuite'],
  clientprovidedhostheader: ['clientProvidedHostHeader'],
};

/** A map of several entries stays the text it is: nobody can tell where its values end. */
const map = (value: unknown): unknown => mapOf(value) ?? value;

type Read = (value: unknown) => unknown;

/** Lower-case column → member of the event, and how it is read. */
const COLUMNS: Readonly<Record<string, readonly [member: string, read: Read]>> = {
  eventversion: ['eventVersion', text],
  useridentity: ['userIdentity', (value) => structure(value, USER_IDENTITY)],
  eventtime: ['eventTime', text],
  eventsource: ['eventSource', text],
  eventname: ['eventName', text],
  awsregion: ['awsRegion', text],
  sourceipaddress: ['sourceIPAddress', text],
  useragent: ['userAgent', text],
  errorcode: ['errorCode', text],
  errormessage: ['errorMessage', text],
  requestparameters: ['requestParameters', map],
  responseelements: ['responseElements', map],
  additionaleventdata: ['additionalEventData', map],
  requestid: ['requestID', text],
  eventid: ['eventID', text],
  readonly: ['readOnly', boolean],
  resources: ['resources', (value) => structures(value, RESOURCE)],
  eventtype: ['eventType', text],
  apiversion: ['apiVersion', text],
  managementevent: ['managementEvent', boolean],
  recipientaccountid: ['recipientAccountId', text],
  sharedeventid: ['sharedEventID', text],
  vpcendpointid: ['vpcEndpointId', text],
  vpcendpointaccountid: ['vpcEndpointAccountId', text],
  serviceeventdetails: ['serviceEventDetails', map],
  edgedevicedetails: ['edgeDeviceDetails', map],
  insightdetails: ['insightDetails', map],
  eventcategory: ['eventCategory', text],
  tlsdetails: ['tlsDetails', (value) => structure(value, TLS)],
  sessioncredentialfromconsole: ['sessionCredentialFromConsole', text],
};

/** Columns of Insights events: what trails have inside `insightDetails`. */
const INSIGHT: Readonly<Record<string, string>> = {
  insightstate: 'state',
  insighteventsource: 'eventSource',
  insighteventname: 'eventName',
  insighttype: 'insightType',
  insighterrorcode: 'errorCode',
  insightcontext: 'insightContext',
};

const OTHERS = new Set([
  'eventjson',
  'eventjsonchecksum',
  'insightsource',
  'annotation',
  'addendum',
  'metadata',
  'eventdata',
]);

/** Whether a column has a name of an event data store's. */
export function isLakeColumn(name: string): boolean {
  const column = name.toLowerCase();
  return Object.hasOwn(COLUMNS, column) || Object.hasOwn(INSIGHT, column) || OTHERS.has(column);
}

/** How many of the names are columns of an event data store. */
export const knownColumns = (names: readonly string[]): number => names.filter(isLakeColumn).length;

/** The whole event as JSON, where that column was asked for; null elsewhere. */
export function eventJsonOf(row: JsonObject): { column: string; json: string } | null {
  for (const column of Object.keys(row)) {
    const json = column.toLowerCase() === 'eventjson' ? row[column] : null;
    if (typeof json === 'string' && json.trim() !== '' && json !== 'null') return { column, json };
  }
  return null;
}

/** The event that a row tells of, as far as its columns go, and which members were asked for at all. */
export function eventOfRow(row: JsonObject): { trail: JsonObject; asked: ReadonlySet<string> } {
  const trail: Record<string, unknown> = {};
  const insight: Record<string, unknown> = {};
  const asked = new Set<string>();
  for (const [column, value] of Object.entries(row)) {
    const name = column.toLowerCase();
    if (Object.hasOwn(COLUMNS, name)) {
      const [member, read] = COLUMNS[name]!;
      asked.add(member);
      if (value === null || value === '' || value === 'null') continue;
      const found = read(value);
      if (found !== null) trail[member] = found;
    } else if (Object.hasOwn(INSIGHT, name) && value !== null && value !== '' && value !== 'null') {
      insight[INSIGHT[name]!] = value;
    }
  }
  if (Object.keys(insight).length > 0) trail['insightDetails'] = insight;
  return { trail, asked };
}
