/** Which accounts, regions and VPCs are covered, from what was seen, what is configured and what the lake holds. Pure. */

import { type Finding, missing, ok, unknown } from '../finding.ts';
import { HELD_DAYS, type Held, holds } from '../held.ts';
import type { Place } from '../subject.ts';
import type { AccountSurvey, FlowLog, Region, Trail } from './survey.ts';

const AREA = 'AWS coverage';

/** What connectors collect from, by source. */
export interface Collected {
  /** Buckets that are listed, or that a queue tells of. */
  readonly buckets: (source: string) => ReadonlySet<string>;
  readonly logGroups: ReadonlySet<string>;
  /** Regions asked by LookupEvents, by account; '' where the account is the reader's own. */
  readonly lookups: ReadonlyMap<string, ReadonlySet<string>>;
}

const texts = (value: unknown): readonly string[] =>
  typeof value === 'string'
    ? value.split(',').map((one) => one.trim())
    : Array.isArray(value)
      ? value.map(String)
      : [];

export function collectedFrom(places: readonly Place[]): Collected {
  const buckets = new Map<string, Set<string>>();
  const logGroups = new Set<string>();
  const lookups = new Map<string, Set<string>>();
  const bucket = (source: string, name: unknown) =>
    buckets.set(source, (buckets.get(source) ?? new Set()).add(String(name)));
  for (const { feed, entry } of places) {
    if (feed.delivery === 'bucket') bucket(feed.source, entry['bucket']);
    if (feed.delivery === 'queue') for (const name of texts(entry['buckets'])) bucket(feed.source, name);
    if (feed.delivery === 'log-group') logGroups.add(String(entry['logGroup']));
    if (feed.delivery === 'lookup-events') {
      const account = String(entry['account'] ?? '');
      const regions = lookups.get(account) ?? new Set();
      for (const region of texts(entry['regions'])) regions.add(region);
      lookups.set(account, regions);
    }
  }
  return { buckets: (source) => buckets.get(source) ?? new Set(), logGroups, lookups };
}

/** How much of all that was seen is covered. `own` is the account of whoever looks. */
export function glance(surveys: readonly AccountSurvey[], collected: Collected, own: string): Finding {
  const seen = surveys.filter(({ problem }) => problem === null);
  const sum = (count: (survey: AccountSurvey) => number): number =>
    seen.reduce((total, survey) => total + count(survey), 0);
  const open = (survey: AccountSurvey) => openRegions(survey, collected, own).length;
  const unlogged = (survey: AccountSurvey) =>
    survey.regions.reduce((total, region) => total + faultsOf(region, collected).length, 0);
  const regions = sum(({ regions: all }) => all.length);
  const vpcs = sum(({ regions: all }) => all.reduce((total, region) => total + region.vpcs.length, 0));
  const accounts = seen.filter((survey) => open(survey) === 0).length;
  const unseen = surveys.length - seen.length;
  const what =
    `${accounts} of ${seen.length} accounts and ${regions - sum(open)} of ${regions} regions by CloudTrail, ` +
    `${vpcs - sum(unlogged)} of ${vpcs} VPCs by flow logs` +
    (unseen === 0 ? '' : `; into ${unseen} accounts nobody here can look`);
  return sum(open) + sum(unlogged) === 0
    ? ok(AREA, `covered: ${what}`)
    : missing(AREA, `covered: ${what}`, 'What follows says which are not, and what covers them.');
}

/** `own` is the account of whoever looks. */
export function judgeAccount(
  survey: AccountSurvey,
  collected: Collected,
  held: Held | null,
  own: string,
): readonly Finding[] {
  const { account, problem } = survey;
  const title = account.name === '' ? account.id : `${account.id} (${account.name})`;
  const arrives = holds(held, 'aws.cloudtrail', account.id);
  if (problem !== null)
    return [
      arrives
        ? ok(AREA, `${title}: its CloudTrail records arrive; into the account itself nobody here can look`)
        : unknown(
            AREA,
            `${title}: nothing of it is held, and nobody here can look into it: ${problem}`,
            'Name its unit in "organization.units" of audit-trail.json and deploy, so that it gets the survey role; or look with credentials of its own.',
          ),
    ];
  return [...judgeTrails(title, survey, collected, arrives, own), ...judgeNetworks(title, survey, collected)];
}

function judgeTrails(
  title: string,
  { account, trails, regions }: AccountSurvey,
  collected: Collected,
  arrives: boolean,
  own: string,
): Finding[] {
  const kept = collected.buckets('aws.cloudtrail');
  const findings: Finding[] = [];
  const good = trails.filter((trail) => trail.logging !== false && kept.has(trail.bucket));
  for (const trail of good) {
    const scope = `${trail.organization ? 'the organisation’s ' : ''}trail ${trail.name}`;
    const where = trail.everyRegion ? 'all regions' : `${trail.homeRegion} alone`;
    findings.push(ok(AREA, `${title}: ${scope} of ${where} goes to ${trail.bucket}, which is collected`));
    findings.push(...faults(title, trail));
  }
  for (const trail of trails)
    if (trail.logging === false && kept.has(trail.bucket))
      findings.push(
        missing(
          AREA,
          `${title}: the trail ${trail.name} is switched off`,
          `aws cloudtrail start-logging --region ${trail.homeRegion} --name ${trail.arn}`,
        ),
      );
  if (good.some(({ everyRegion }) => everyRegion)) {
    if (!arrives) findings.push(silent(title, account.id));
    return findings;
  }
  const asked = askedRegions(account.id, collected, own);
  const open = openRegions({ account, trails, regions }, collected, own);
  if (asked.size > 0)
    findings.push(ok(AREA, `${title}: LookupEvents is asked in ${[...asked].sort().join(', ')}`));
  if (open.length > 0) findings.push(uncovered(title, account.id, open, regions.length, trails));
  else if (!arrives) findings.push(silent(title, account.id));
  return findings;
}

/** Regions of an account that LookupEvents is asked in. */
const askedRegions = (account: string, { lookups }: Collected, own: string): ReadonlySet<string> =>
  new Set([...(lookups.get(account) ?? []), ...(account === own ? (lookups.get('') ?? []) : [])]);

/** Regions whose CloudTrail records are collected in no way. */
function openRegions(
  { account, trails, regions }: Pick<AccountSurvey, 'account' | 'trails' | 'regions'>,
  collected: Collected,
  own: string,
): string[] {
  const kept = collected.buckets('aws.cloudtrail');
  const good = trails.filter(({ logging, bucket }) => logging !== false && kept.has(bucket));
  if (good.some(({ everyRegion }) => everyRegion)) return [];
  const asked = askedRegions(account.id, collected, own);
  return regions
    .map(({ name }) => name)
    .filter((name) => !asked.has(name) && !good.some(({ homeRegion }) => homeRegion === name));
}

const silent = (title: string, id: string): Finding =>
  unknown(
    AREA,
    `${title}: covered, and no record of it is held of the last ${HELD_DAYS} days`,
    `Pull, then: akashi coverage --source aws.cloudtrail --account ${id}`,
  );

function faults(title: string, { name, arn, homeRegion, digests, deliveryError }: Trail): Finding[] {
  return [
    ...(digests
      ? []
      : [
          missing(
            AREA,
            `${title}: the trail ${name} writes no digests, so that what is missing cannot be told`,
            `aws cloudtrail update-trail --region ${homeRegion} --name ${arn} --enable-log-file-validation`,
          ),
        ]),
    ...(deliveryError === null
      ? []
      : [
          missing(
            AREA,
            `${title}: the trail ${name} cannot deliver: ${deliveryError}`,
            'Mend the policy of its bucket and key: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html',
          ),
        ]),
  ];
}

function uncovered(
  title: string,
  id: string,
  open: readonly string[],
  all: number,
  trails: readonly Trail[],
): Finding {
  const elsewhere = trails.find(({ logging, everyRegion }) => logging !== false && everyRegion);
  const where = open.length === all ? 'in no region' : `not in ${open.join(', ')}`;
  return elsewhere === undefined
    ? missing(
        AREA,
        `${title}: CloudTrail is collected ${where}`,
        `Set "trail" to "organization" (or "account") in audit-trail.json and deploy; or add {"connector": "aws.cloudtrail", "delivery": "lookup-events", "account": "${id}", "regions": [${open.map((name) => `"${name}"`).join(', ')}]}.`,
      )
    : missing(
        AREA,
        `${title}: CloudTrail is collected ${where}, though the trail ${elsewhere.name} writes to ${elsewhere.bucket}`,
        `Add {"connector": "aws.cloudtrail", "delivery": "bucket", "bucket": "${elsewhere.bucket}"} to connectors.`,
      );
}

function judgeNetworks(title: string, { regions }: AccountSurvey, collected: Collected): Finding[] {
  const all = regions.reduce((sum, { vpcs }) => sum + vpcs.length, 0);
  if (all === 0) return [ok(AREA, `${title}: no VPC in ${regions.length} regions`)];
  const [bucket = '<bucket>'] = collected.buckets('aws.vpcflow');
  let covered = all;
  const gaps = regions.flatMap((region): Finding[] => {
    const bad = faultsOf(region, collected);
    covered -= bad.length;
    if (bad.length === 0) return [];
    return [
      missing(
        AREA,
        `${title}, ${region.name}: ${bad.map(({ vpc, fault }) => `${vpc} ${fault}`).join(', ')}`,
        `aws ec2 create-flow-logs --region ${region.name} --resource-type VPC --resource-ids ${bad.map(({ vpc }) => vpc).join(' ')} --traffic-type ALL --log-destination-type s3 --log-destination arn:aws:s3:::${bucket}`,
      ),
    ];
  });
  return [
    ...(covered > 0 ? [ok(AREA, `${title}: flow logs of ${covered} of ${all} VPCs are collected`)] : []),
    ...gaps,
  ];
}

/** VPCs whose flow logs are not collected, and what is wrong with them. */
function faultsOf({ vpcs, flowLogs }: Region, collected: Collected): { vpc: string; fault: string }[] {
  const kept = collected.buckets('aws.vpcflow');
  const isKept = (destination: string) =>
    destination.startsWith('s3://') ? kept.has(destination.slice(5)) : collected.logGroups.has(destination);
  return vpcs.flatMap((vpc) => {
    const own = flowLogs.filter(({ resource }) => resource === vpc);
    if (own.some(({ active, destination, error }) => active && error === null && isKept(destination)))
      return [];
    return [{ vpc, fault: faultOf(own[0]) }];
  });
}

function faultOf(log: FlowLog | undefined): string {
  if (log === undefined) return 'has no flow log';
  if (log.error !== null) return `has a flow log that cannot deliver (${log.error})`;
  if (!log.active) return 'has a flow log that is switched off';
  return `has a flow log into ${log.destination}, which is not collected`;
}
