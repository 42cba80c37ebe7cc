/**
 * Azure at a glance: which subscriptions and categories of Entra are exported to where connectors read.
 * https://learn.microsoft.com/en-us/rest/api/resources/subscriptions/list
 * https://learn.microsoft.com/en-us/rest/api/monitor/subscription-diagnostic-settings/list
 */

import { ACTIVITY_CATEGORIES, ENTRA_CATEGORIES } from '../cloud/azure/plan.ts';
import { azureAuthorize, azureCredential, RENEW_AZURE } from '../connectors/delivery/azure.ts';
import { AkashiError } from '../schema/error.ts';
import { pooled } from '../vault/pool.ts';
import { atAGlance, type Examination, type Finding, missing, ok, unknown } from './finding.ts';
import { type Held, holds } from './held.ts';
import { isObject, type RestList, restGet, restList, textOf } from './rest.ts';
import type { Place, Subject } from './subject.ts';
import { within } from './time-limit.ts';

const AREA = 'Azure coverage';
const MANAGEMENT = 'https://management.azure.com';
const LOOK_MILLIS = 60_000;
const AT_ONCE = 6;

/** `endpoint` is another cloud's, or a test's. */
export const azureExamination = (
  subject: Subject,
  held: Promise<Held | null>,
  endpoint: string = MANAGEMENT,
): Examination => ({
  area: AREA,
  look: () => within((signal) => look(subject, held, endpoint, signal), LOOK_MILLIS),
});

async function look(
  { places }: Subject,
  held: Promise<Held | null>,
  endpoint: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const list: RestList = {
    authorize: azureAuthorize(azureCredential(), `${MANAGEMENT}/.default`),
    signal,
    permission: 'Monitoring Reader on the subscription',
    renew: RENEW_AZURE,
  };
  const all = await restList(
    `${endpoint}/subscriptions?api-version=2022-12-01`,
    'value',
    nextLink,
    'listing the subscriptions that these credentials see',
    list,
  );
  const subscriptions = all
    .filter(({ state }) => state === 'Enabled' || state === 'Warned' || state === 'PastDue')
    .map((one) => ({ id: textOf(one['subscriptionId']), name: textOf(one['displayName']) }));
  const wanted = new Destinations(places, endpoint, list);
  const arrived = await held;
  if (subscriptions.length === 0)
    return [
      unknown(
        AREA,
        'these credentials see no subscription',
        'Look as somebody with Reader on the tenant’s root management group, or give the application Monitoring Reader on what it covers.',
      ),
      ...(await judgeEntra(places, wanted, endpoint, list)),
    ];
  const each = await pooled(subscriptions, AT_ONCE, (one) =>
    judgeSubscription(one, places, wanted, arrived, endpoint, list).catch((error: unknown) =>
      refused(one.name, error),
    ),
  );
  return [
    ...atAGlance(AREA, 'subscriptions', each.flat()),
    ...(await judgeEntra(places, wanted, endpoint, list)),
  ];
}

const nextLink = ({ nextLink: next }: Readonly<Record<string, unknown>>): string | null =>
  typeof next === 'string' && next !== '' ? next : null;

function refused(title: string, error: unknown): Finding[] {
  if (!(error instanceof AkashiError)) throw error;
  return [
    unknown(
      AREA,
      `${title}: ${error.message} [${error.code}]`,
      'Look as somebody who may, or give the application Monitoring Reader there.',
    ),
  ];
}

/** Where connectors of a source read what is exported. */
class Destinations {
  readonly #places: readonly Place[];
  readonly #endpoint: string;
  readonly #list: RestList;
  readonly #workspaces = new Map<string, Promise<string>>();

  constructor(places: readonly Place[], endpoint: string, list: RestList) {
    this.#places = places;
    this.#endpoint = endpoint;
    this.#list = list;
  }

  /** Whether a setting's destination is one of them. */
  async reads(source: string, properties: Readonly<Record<string, unknown>>): Promise<boolean> {
    const own = this.#places.filter(({ feed }) => feed.source === source);
    const storage = textOf(properties['storageAccountId']).split('/').pop()?.toLowerCase() ?? '';
    if (storage !== '' && own.some(({ entry }) => textOf(entry['url']).startsWith(`https://${storage}.`)))
      return true;
    const workspace = textOf(properties['workspaceId']);
    const wanted = own.flatMap(({ entry }) =>
      typeof entry['workspace'] === 'string' ? [entry['workspace']] : [],
    );
    if (workspace === '' || wanted.length === 0) return false;
    const id = await this.#idOf(workspace);
    return wanted.some((one) => one.toLowerCase() === id);
  }

  /** A workspace is configured by its own id and exported to by its resource id. */
  #idOf(resource: string): Promise<string> {
    const known =
      this.#workspaces.get(resource) ??
      restGet(`${this.#endpoint}${resource}?api-version=2023-09-01`, `looking at ${resource}`, {
        ...this.#list,
        permission: 'Log Analytics Reader on the workspace',
      }).then(({ properties }) => textOf(isObject(properties) ? properties['customerId'] : '').toLowerCase());
    this.#workspaces.set(resource, known);
    return known;
  }
}

interface Subscription {
  readonly id: string;
  readonly name: string;
}

async function judgeSubscription(
  { id, name }: Subscription,
  places: readonly Place[],
  destinations: Destinations,
  held: Held | null,
  endpoint: string,
  list: RestList,
): Promise<Finding[]> {
  const title = `${name} (${id})`;
  const asked = places.some(
    ({ feed, entry }) =>
      feed.delivery === 'api' && String(entry['subscriptions']).toLowerCase().includes(id.toLowerCase()),
  );
  if (asked) return [ok(AREA, `${title}: its Activity Log is read over the API`)];
  const settings = await restList(
    `${endpoint}/subscriptions/${id}/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview`,
    'value',
    nextLink,
    `looking at the exports of ${title}`,
    list,
  );
  const exported = await categoriesOf('azure.activity', settings, destinations);
  const lacking = ACTIVITY_CATEGORIES.filter((category) => !exported.has(category));
  if (lacking.length === 0) return [ok(AREA, `${title}: its Activity Log is exported to where it is read`)];
  const arrives = holds(held, 'azure.activity', id) ? '; some of it arrives' : '';
  const what =
    lacking.length === ACTIVITY_CATEGORIES.length
      ? `${title}: its Activity Log is not collected${arrives}`
      : `${title}: of its Activity Log ${lacking.join(', ')} are not exported${arrives}`;
  return [
    missing(
      AREA,
      what,
      `Add ${id} to "subscriptions" of "azure" in audit-trail.json and deploy what \`akashi connect azure\` writes; or add {"connector": "azure.activity", "delivery": "api", "subscriptions": ["${id}"]}.`,
    ),
  ];
}

/** Categories that are exported to where connectors of the source read. */
async function categoriesOf(
  source: string,
  settings: readonly Readonly<Record<string, unknown>>[],
  destinations: Destinations,
): Promise<ReadonlySet<string>> {
  const categories = new Set<string>();
  for (const { properties } of settings) {
    if (!isObject(properties) || !(await destinations.reads(source, properties))) continue;
    const logs: readonly unknown[] = Array.isArray(properties['logs']) ? properties['logs'] : [];
    for (const log of logs) {
      if (!isObject(log) || log['enabled'] !== true) continue;
      categories.add(textOf(log['category']));
      if (log['categoryGroup'] === 'allLogs') for (const one of ACTIVITY_CATEGORIES) categories.add(one);
    }
  }
  return categories;
}

async function judgeEntra(
  places: readonly Place[],
  destinations: Destinations,
  endpoint: string,
  list: RestList,
): Promise<Finding[]> {
  const sources = Object.keys(ENTRA_CATEGORIES).filter((source) =>
    places.some(({ feed }) => feed.source === source),
  );
  const title = 'Entra';
  if (sources.length === 0)
    return [
      missing(
        AREA,
        `${title}: sign-ins and directory audits are not collected`,
        'Add connectors azure.signin and azure.audit, and deploy what `akashi connect azure` writes.',
      ),
    ];
  try {
    const settings = await restList(
      `${endpoint}/providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01`,
      'value',
      nextLink,
      'looking at the exports of Entra',
      { ...list, permission: 'Security Reader in Entra' },
    );
    const findings: Finding[] = [];
    for (const source of sources) {
      const exported = await categoriesOf(source, settings, destinations);
      const lacking = ENTRA_CATEGORIES[source]!.filter((category) => !exported.has(category));
      findings.push(
        lacking.length === 0
          ? ok(AREA, `${title}: all that ${source} reads is exported to where it is read`)
          : missing(
              AREA,
              `${title}: ${lacking.join(', ')} of ${source} are not exported to where it is read`,
              'Deploy what `akashi connect azure` writes (entra.bicep; Terraform as a person signed in by az login).',
            ),
      );
    }
    return findings;
  } catch (error) {
    return refused(title, error);
  }
}
