/**
 * Google Cloud at a glance: which projects' logs are read or routed to where they are read, and how sinks and log buckets are.
 * https://cloud.google.com/resource-manager/reference/rest/v3/projects/search
 * https://cloud.google.com/logging/docs/reference/v2/rest/v2/projects.sinks
 */

import { googleCredentials, RENEW_GOOGLE } from '../connectors/delivery/google.ts';
import { AkashiError } from '../schema/error.ts';
import { pooled } from '../vault/pool.ts';
import { atAGlance, type Examination, type Finding, missing, ok, reasonOf, unknown } from './finding.ts';
import { type LogBucket, type LoggingConfiguration, loggingConfiguration, type Sink } from './gcp-logging.ts';
import { type Held, holds } from './held.ts';
import { type RestList, restList, textOf } from './rest.ts';
import type { Place, Subject } from './subject.ts';
import { within } from './time-limit.ts';

const AREA = 'Google Cloud coverage';
const RESOURCES = 'https://cloudresourcemanager.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform.read-only';
const LOOK_MILLIS = 60_000;
const AT_ONCE = 6;
/** Projects whose own sinks are looked at. */
const MOST_PROJECTS = 200;
/** Entries that live shorter can be gone before a pull that was down for some days comes back. */
const LEAST_RETENTION_DAYS = 7;

export interface GcpEndpoints {
  readonly resources?: string;
  /** The configuration of Cloud Logging. */
  readonly logging?: LoggingConfiguration;
}

export const gcpExamination = (
  subject: Subject,
  held: Promise<Held | null>,
  { resources = RESOURCES, logging }: GcpEndpoints = {},
): Examination => ({
  area: AREA,
  look: () =>
    within(async (signal) => {
      const configuration = logging ?? (await loggingConfiguration());
      try {
        return await look(subject, held, resources, configuration, signal);
      } finally {
        await configuration.close();
      }
    }, LOOK_MILLIS),
});

interface Project {
  readonly id: string;
  readonly number: string;
  /** `organizations/…` or `folders/…`. */
  readonly parent: string;
}

async function look(
  { places, deployment }: Subject,
  held: Promise<Held | null>,
  resources: string,
  logging: LoggingConfiguration,
  signal: AbortSignal,
): Promise<Finding[]> {
  const projects = await projectsOf(resources, signal);
  const own = places.filter(({ cloud }) => cloud === 'gcp');
  const organization = deployment?.gcp?.organization;
  const shared = [
    ...(organization === undefined ? [] : [`organizations/${organization}`]),
    ...new Set(projects.map(({ parent }) => parent).filter((parent) => parent.startsWith('folders/'))),
  ];
  const findings: Finding[] = [];
  const sinks = new Map<string, readonly Sink[]>();
  const parents = [...new Set(shared), ...projects.slice(0, MOST_PROJECTS).map(({ id }) => `projects/${id}`)];
  await pooled(parents, AT_ONCE, async (parent) => {
    try {
      sinks.set(parent, await logging.sinks(parent));
    } catch (error) {
      // Of projects that may not be asked their own finding tells.
      if (shared.includes(parent))
        findings.push(
          unknown(
            AREA,
            `the sinks of ${parent}: ${reasonOf(error)}`,
            `Look as somebody with roles/logging.viewer on ${parent}.`,
          ),
        );
    }
  });
  const arrived = await held;
  if (projects.length === 0)
    findings.push(
      unknown(
        AREA,
        'these credentials see no project',
        'Look as somebody with roles/browser on the organisation: gcloud organizations add-iam-policy-binding <number> --role roles/browser --member <you>.',
      ),
    );
  for (const [parent, list] of sinks) findings.push(...list.flatMap((sink) => judgeSink(parent, sink, own)));
  const judged = projects.map((project) => judgeProject(project, own, sinks, organization, arrived));
  return [...atAGlance(AREA, 'projects', judged), ...findings, ...(await judgeBuckets(own, logging))];
}

async function projectsOf(resources: string, signal: AbortSignal): Promise<Project[]> {
  const list: RestList = {
    authorize: googleCredentials(SCOPE),
    signal,
    permission: 'resourcemanager.projects.get (roles/browser) on what is to be seen',
    renew: RENEW_GOOGLE,
  };
  const first = `${resources}/v3/projects:search?pageSize=500`;
  const next = ({ nextPageToken: token }: Readonly<Record<string, unknown>>) =>
    typeof token === 'string' && token !== '' ? `${first}&pageToken=${encodeURIComponent(token)}` : null;
  const found = await restList(
    first,
    'projects',
    next,
    'listing the projects that these credentials see',
    list,
  );
  return found
    .filter(({ state }) => state === 'ACTIVE')
    .map((one) => ({
      id: textOf(one['projectId']),
      number: textOf(one['name']).replace('projects/', ''),
      parent: textOf(one['parent']),
    }));
}

const STORAGE = 'storage.googleapis.com/';
const bucketsRead = (places: readonly Place[], source: string): ReadonlySet<string> =>
  new Set(
    places
      .filter(({ feed }) => feed.source === source && feed.delivery === 'sink')
      .map(({ entry }) => String(entry['bucket'])),
  );

/** Whether audit logs that a sink routes get to where a connector reads. */
const isCollected = (sink: Sink, places: readonly Place[]): boolean =>
  !sink.disabled &&
  sink.destination.startsWith(STORAGE) &&
  (sink.filter === '' || sink.filter.includes('cloudaudit.googleapis.com')) &&
  bucketsRead(places, 'gcp.audit').has(sink.destination.slice(STORAGE.length));

const optionOf = (parent: string): string => {
  const [kind = '', id = ''] = parent.split('/');
  return `--${kind.replace(/s$/, '')}=${id}`;
};

/** A sink into a bucket that connectors read, and what is wrong with it. */
function judgeSink(parent: string, sink: Sink, places: readonly Place[]): Finding[] {
  const all = new Set([...bucketsRead(places, 'gcp.audit'), ...bucketsRead(places, 'gcp.vpcflow')]);
  const bucket = sink.destination.startsWith(STORAGE) ? sink.destination.slice(STORAGE.length) : '';
  if (!all.has(bucket)) return [];
  const title = `the sink ${sink.name} of ${parent} into ${bucket}`;
  if (sink.disabled)
    return [
      missing(
        AREA,
        `${title} is switched off`,
        `gcloud logging sinks update ${sink.name} ${optionOf(parent)} --no-disabled`,
      ),
    ];
  if (!parent.startsWith('projects/') && !sink.includeChildren)
    return [
      missing(
        AREA,
        `${title} leaves out the projects below`,
        `gcloud logging sinks update ${sink.name} ${optionOf(parent)} --include-children`,
      ),
    ];
  return [ok(AREA, `${title} is on; ${sink.writerIdentity} writes`)];
}

function judgeProject(
  { id, number, parent }: Project,
  places: readonly Place[],
  sinks: ReadonlyMap<string, readonly Sink[]>,
  organization: string | undefined,
  held: Held | null,
): Finding {
  const read = places.some(
    ({ feed, entry }) =>
      feed.source === 'gcp.audit' &&
      feed.delivery === 'entries' &&
      [entry['resources']]
        .flat()
        .join(',')
        .split(',')
        .some((one) => [`projects/${id}`, `projects/${number}`].includes(one.trim())),
  );
  if (read) return ok(AREA, `${id}: its audit logs are read over the API`);
  const above = [parent, ...(organization === undefined ? [] : [`organizations/${organization}`])];
  const routed =
    above.some((one) => sinks.get(one)?.some((sink) => sink.includeChildren && isCollected(sink, places))) ||
    sinks.get(`projects/${id}`)?.some((sink) => isCollected(sink, places)) === true;
  if (routed) return ok(AREA, `${id}: its audit logs are routed into a bucket that is read`);
  if (holds(held, 'gcp.audit', id)) return ok(AREA, `${id}: its audit logs arrive`);
  return missing(
    AREA,
    `${id}: its audit logs are not collected (those of an organisation do not hold its projects’)`,
    `Add {"connector": "gcp.audit", "delivery": "entries", "resources": ["projects/${id}"]}; or set "organization" of "gcp" with a sink connector, and deploy what \`akashi connect gcp\` writes.`,
  );
}

/** Log buckets of projects whose entries are read over the API: what they forget cannot be pulled any more. */
async function judgeBuckets(places: readonly Place[], logging: LoggingConfiguration): Promise<Finding[]> {
  const projects = new Set(
    places
      .filter(({ feed }) => feed.delivery === 'entries')
      .flatMap(({ entry }) => [entry['resources']].flat().join(',').split(','))
      .map((one) => one.trim())
      .filter((one) => /^projects\/[^/]+$/.test(one)),
  );
  const each = await pooled([...projects], AT_ONCE, async (project) => {
    try {
      return (await logging.buckets(`${project}/locations/-`)).map((bucket) => judgeBucket(project, bucket));
    } catch (error) {
      return [
        unknown(
          AREA,
          `the log buckets of ${project}: ${error instanceof AkashiError ? error.message : reasonOf(error)}`,
          `Look as somebody with roles/logging.viewer on ${project}.`,
        ),
      ];
    }
  });
  return each.flat();
}

function judgeBucket(project: string, { name, active, retentionDays, locked }: LogBucket): Finding {
  const title = `the log bucket ${name} of ${project}`;
  const id = name.split('/').pop() ?? name;
  if (!active)
    return missing(
      AREA,
      `${title} is being deleted`,
      `gcloud logging buckets undelete ${id} --project=${project.split('/')[1]} --location=${name.split('/').at(-3)}`,
    );
  if (retentionDays < LEAST_RETENTION_DAYS)
    return missing(
      AREA,
      `${title} forgets entries after ${retentionDays} days`,
      `gcloud logging buckets update ${id} --project=${project.split('/')[1]} --location=${name.split('/').at(-3)} --retention-days=30`,
    );
  return ok(AREA, `${title} keeps entries for ${retentionDays} days${locked ? ', locked' : ''}`);
}
