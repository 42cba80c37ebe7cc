/**
 * A deployment's configuration, `audit-trail.json`: read here for the construct, for `akashi connect` and `akashi doctor`.
 * What is wrong is refused with the value, the rule and the way out, before anything is made.
 */

import { type ConfiguredFeed, configuredFeed } from '../connectors/configured.ts';
import { connectorById, connectors as known } from '../connectors/registry.ts';
import { MEMBERS } from './configuration-shape.ts';
import { readMembers, refused, type ValuesOf, type WrittenOf } from './members.ts';
import { dotless, OWN_TRAIL } from './names.ts';

/** What an engineer writes. Every property is described in `configuration-shape.ts` and docs/deploy.md. */
export type AuditTrailConfiguration = WrittenOf<typeof MEMBERS>;

/** An entry of `connectors`, checked by the connector it names. */
export interface ConfiguredConnector extends Omit<ConfiguredFeed, 'open'> {
  /** As written, for whoever pulls it. */
  readonly entry: Readonly<Record<string, unknown>>;
}

/** What was read: defaults filled in, everything checked. */
export interface Configuration
  extends Omit<ValuesOf<typeof MEMBERS>, 'connectors' | 'retention' | 'mode' | 'residency'> {
  readonly connectors: readonly ConfiguredConnector[];
  /** Days. */
  readonly retention: number;
  readonly mode: 'compliance' | 'governance';
  readonly residency: readonly string[];
}

/** Days of the least retention, and where it is written. */
const STANDARDS = {
  pci: { days: 365, rule: 'PCI DSS 4.0.1 requirement 10.5.1 asks for twelve months of audit logs' },
  soc2: {
    days: 365,
    rule: 'a SOC 2 type 2 examination covers up to twelve months, all of which must be shown',
  },
} as const;

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html: names of schedules are up to 64 long. */
const NAME_LENGTH = 40;

/** Throws CONFIG_JSON, and as `readConfiguration` does. */
export function parseConfiguration(text: string, where: string): Configuration {
  if (text.startsWith('\uFEFF'))
    throw refused(
      'CONFIG_JSON',
      where,
      'it begins with a byte order mark, which JSON has not',
      'Save it as UTF-8 without one.',
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refused(
      'CONFIG_JSON',
      where,
      `it is no JSON: ${(cause as Error).message}`,
      'Correct it and run again.',
    );
  }
  return readConfiguration(value, where);
}

/**
 * Checks a configuration and fills in its defaults. Throws CONFIG_UNKNOWN, CONFIG_MISSING, CONFIG_VALUE,
 * CONFIG_RETENTION, CONFIG_RESIDENCY, CONFIG_REPLICA, CONFIG_NAME, CONFIG_PERMISSION, CONFIG_ORGANIZATION, and for a connector's entry
 * CONNECTOR_UNKNOWN, DELIVERY_UNKNOWN and CONNECTOR_SETTING; each message begins with `where`.
 */
export function readConfiguration(value: unknown, where: string): Configuration {
  const read = readMembers(MEMBERS, value, where);
  const connectors = entriesOf(read.connectors, where);
  const configuration: Configuration = {
    ...read,
    connectors,
    ...lockOf(read, where),
    residency: read.residency ?? [read.region],
  };
  checkPlaces(configuration, where);
  checkNames(configuration, where);
  checkOrganization(configuration, where);
  checkStamp(configuration, where);
  checkPermissions(configuration, where);
  return configuration;
}

type Read = ValuesOf<typeof MEMBERS>;

function entriesOf(entries: readonly unknown[], where: string): ConfiguredConnector[] {
  const read = entries.map((entry, at) => {
    const { open: _, ...feed } = configuredFeed(entry, `${where}, connector ${at + 1}`);
    if (feed.name.length > NAME_LENGTH)
      throw refused(
        'CONFIG_NAME',
        `${where}, connector ${at + 1}`,
        `its name is ${feed.name.length} characters long, and must be at most ${NAME_LENGTH}: schedules and queues are named after it`,
        'Give it a shorter "name".',
      );
    return { ...feed, entry: entry as Readonly<Record<string, unknown>> };
  });
  for (const [at, { name }] of read.entries()) {
    const other = read.slice(0, at).find((before) => dotless(before.name) === dotless(name));
    if (other !== undefined)
      throw refused(
        'CONFIG_NAME',
        where,
        other.name === name
          ? `two connectors are named "${name}", and would share a cursor`
          : `connectors are named "${other.name}" and "${name}", which is one name for a queue: it has no dots`,
        'Give each a "name" of its own.',
      );
  }
  return read;
}

/** Retention and mode: chosen, never assumed, since nobody can shorten them later. */
function lockOf(read: Read, where: string): Pick<Configuration, 'retention' | 'mode'> {
  const { trial, mode, retention, retentionBySource, standards } = read;
  const wrong = (what: string, wayOut: string) => refused('CONFIG_RETENTION', where, what, wayOut);
  const source = Object.keys(retentionBySource).find((id) => connectorById(id) === undefined);
  if (source !== undefined)
    throw wrong(
      `"retentionBySource" names "${source}", which is no source`,
      `Sources are ${known.map(({ id }) => id).join(', ')}.`,
    );
  if (trial) {
    if (mode === 'compliance' || retention !== undefined || Object.keys(retentionBySource).length > 0)
      throw wrong(
        'a trial is locked for one day in governance mode, and goes with no other "mode" or "retention"',
        'Leave them out, or leave "trial" out.',
      );
    if (standards.length > 0)
      throw wrong(
        `a trial is locked for one day, which meets no standard (${standards.join(', ')})`,
        'Leave "standards" out.',
      );
    return { retention: 1, mode: 'governance' };
  }
  if (retention === undefined)
    throw wrong(
      `"retention" is not given${mode === 'compliance' ? ', and "mode" is compliance, which nobody can shorten' : ''}`,
      'Choose it in days (2557 is seven years), or set "trial" to true for one day that can be undone.',
    );
  for (const standard of standards) {
    const { days, rule } = STANDARDS[standard];
    const short = Object.entries({ retention, ...retentionBySource }).find(([, given]) => given < days);
    if (short !== undefined)
      throw wrong(
        `${short[0] === 'retention' ? '"retention"' : `"retentionBySource" for ${short[0]}`} is ${short[1]} days, and ${standard} needs at least ${days}: ${rule}`,
        `Set it to ${days} or more, or take "${standard}" out of "standards".`,
      );
  }
  return { retention, mode: mode ?? 'compliance' };
}

/** Data residency: what is kept lies in named regions alone. */
function checkPlaces({ region, residency, replica, account }: Configuration, where: string): void {
  const allowed = `"residency" allows ${residency.join(', ') || 'none'}`;
  for (const [name, place] of [
    ['region', region],
    ['replica.region', replica?.region],
  ] as const)
    if (place !== undefined && !residency.includes(place))
      throw refused(
        'CONFIG_RESIDENCY',
        where,
        `"${name}" is ${place}, and ${allowed}`,
        `Choose one of them, or add ${place} where logs may be kept there.`,
      );
  if (replica === undefined) return;
  if (replica.account === account)
    throw refused(
      'CONFIG_REPLICA',
      where,
      `"replica" is in ${replica.account}, the account of the vault itself`,
      'Whoever closes an account ends the protection of all its buckets: name another account.',
    );
  const [keyRegion, keyAccount] = replica.key?.split(':').slice(3, 5) ?? [replica.region, replica.account];
  if (keyRegion !== replica.region || keyAccount !== replica.account)
    throw refused(
      'CONFIG_REPLICA',
      where,
      `"replica.key" is of account ${keyAccount} in ${keyRegion}, and must be where the copy is, ${replica.account} in ${replica.region}`,
      'Enter the key that `npx cdk deploy --context only=replica` prints there.',
    );
}

function checkNames({ connectors, schedule, notifications }: Configuration, where: string): void {
  const named = (
    names: readonly string[],
    from: string,
    fits: (one: ConfiguredConnector) => boolean,
    kind: string,
  ) => {
    const wrong = names.find((name) => !connectors.some((one) => one.name === name && fits(one)));
    if (wrong !== undefined)
      throw refused(
        'CONFIG_NAME',
        where,
        `"${from}" names "${wrong}", which is no ${kind}`,
        `There are: ${
          connectors
            .filter(fits)
            .map(({ name }) => name)
            .join(', ') || 'none'
        }.`,
      );
  };
  named(
    Object.keys(schedule.connectors),
    'schedule.connectors',
    isScheduled,
    'connector that is asked on a schedule',
  );
  named(Object.keys(notifications), 'notifications', isAwsBucket, 'connector that lists a bucket in AWS');
}

/** Everything but a queue, which calls by itself. */
export const isScheduled = ({ delivery }: Pick<ConfiguredConnector, 'delivery'>): boolean =>
  delivery !== 'queue';

export const isAwsBucket = ({ source, delivery }: ConfiguredConnector): boolean =>
  source.startsWith('aws.') && delivery === 'bucket';

function checkOrganization({ trail, organization, connectors }: Configuration, where: string): void {
  if (trail === 'organization' && organization === undefined)
    throw refused(
      'CONFIG_ORGANIZATION',
      where,
      '"trail" is organization, and "organization" is not given',
      'Name it: {"organization": {"id": "o-a1b2c3d4e5"}}.',
    );
  if (trail === 'none' && connectors.length === 0)
    throw refused(
      'CONFIG_MISSING',
      where,
      'there are no "connectors" and no "trail", so nothing would ever be collected',
      'Name at least one connector, or set "trail" to account or organization.',
    );
}

function checkStamp({ stamp }: Configuration, where: string): void {
  const idle = (['roots', 'authorization', 'authorizationKey'] as const).find(
    (name) => stamp[name] !== undefined,
  );
  if (stamp.authority === undefined && idle !== undefined)
    throw refused(
      'CONFIG_MISSING',
      where,
      `"stamp.${idle}" is given and "stamp.authority" is not, so nothing would ever be time-stamped`,
      'Name the authority by its URL, or leave the others of "stamp" out.',
    );
}

/** What functions could not get credentials for is refused now, and not found missing at night. */
function checkPermissions(configuration: Configuration, where: string): void {
  const { connectors, azure, gcp } = configuration;
  const missing = (what: string, wayOut: string) => refused('CONFIG_PERMISSION', where, what, wayOut);
  const of = (cloud: string) => connectors.find(({ source }) => connectorById(source)?.cloud === cloud);
  const fromAzure = of('azure');
  if (fromAzure !== undefined && azure === undefined)
    throw missing(
      `connector "${fromAzure.name}" reads from Azure, and "azure" is not given`,
      'Add {"azure": {"tenant": "…"}}, and run `akashi connect azure`: no secret is kept, so Entra must know this deployment’s role.',
    );
  const fromGcp = of('gcp');
  if (fromGcp !== undefined && gcp === undefined)
    throw missing(
      `connector "${fromGcp.name}" reads from Google Cloud, and "gcp" is not given`,
      'Add {"gcp": {"project": "…"}}, and run `akashi connect gcp`: no key is kept, so a workload identity pool must know this deployment’s role.',
    );
}

/** The connector of a trail that is made here; its bucket is known once the account is. */
export const OWN_TRAIL_ENTRY = {
  name: OWN_TRAIL,
  source: 'aws.cloudtrail',
  delivery: 'bucket',
  place: null,
  entry: { connector: 'aws.cloudtrail', name: OWN_TRAIL, delivery: 'bucket' },
} as const;
