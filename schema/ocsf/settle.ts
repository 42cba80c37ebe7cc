/**
 * Which class a row really is. The action table and the connectors say what a record is about; a class that needs a fact
 * the record does not have is not its class, and the next more general one that is valid takes its place. Nothing is
 * made up to satisfy a class.
 */

import type { AuditEvent } from '../columns.ts';
import { presence } from './build.ts';
import { CLASS_RULES } from './class-rules.ts';
import { type FactCase, factCases, factsOfCase } from './facts.ts';
import { OCSF_CLASSES } from './model.ts';
import { type OcsfTable, planOf } from './plan.ts';
import { Context, memberOf, reader } from './read.ts';

/** The last resort: it needs nothing but a time. */
const MOST_GENERAL = 'Base Event';

/** For each class those that may take its place, the nearest first. */
const MORE_GENERAL: Readonly<Record<string, readonly string[]>> = {
  'Account Change': ['Entity Management', 'API Activity'],
  // Privileges given to a group are no less exact: the group's class is tried before a more general one.
  'User Access Management': ['Group Management', 'Entity Management', 'API Activity'],
  'Group Management': ['Entity Management', 'API Activity'],
  'Entity Management': ['API Activity'],
  'HTTP Activity': ['Network Activity'],
  'Network Activity': [],
  'SSH Activity': ['Network Activity'],
  'Base Event': [],
};

/** Where nothing else is said: a call to an API. */
const GENERALLY: readonly string[] = ['API Activity'];

/** What an activity is called in a more general class; what is not listed is Other there. */
const ACTIVITY_IN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'API Activity': {
    Create: 'Create',
    Read: 'Read',
    Update: 'Update',
    Delete: 'Delete',
    // of datastores and files
    List: 'Read',
    Query: 'Read',
    Download: 'Read',
    Write: 'Update',
    Upload: 'Create',
    // of accounts, groups and other entities
    Enable: 'Update',
    Disable: 'Update',
    Move: 'Update',
    'Password Change': 'Update',
    'Password Reset': 'Update',
    'Attach Policy': 'Update',
    'Detach Policy': 'Update',
    Lock: 'Update',
    Unlock: 'Update',
    'MFA Factor Enable': 'Update',
    'MFA Factor Disable': 'Update',
    'Assign Privileges': 'Update',
    'Revoke Privileges': 'Update',
    'Add User': 'Update',
    'Remove User': 'Update',
    'Add Subgroup': 'Update',
    'Remove Subgroup': 'Update',
  },
  'Entity Management': {
    Create: 'Create',
    Delete: 'Delete',
    Enable: 'Enable',
    Disable: 'Disable',
    'Password Change': 'Update',
    'Password Reset': 'Update',
    'Attach Policy': 'Update',
    'Detach Policy': 'Update',
    Lock: 'Disable',
    Unlock: 'Enable',
    'MFA Factor Enable': 'Update',
    'MFA Factor Disable': 'Update',
    'Assign Privileges': 'Update',
    'Revoke Privileges': 'Update',
    'Add User': 'Update',
    'Remove User': 'Update',
    'Add Subgroup': 'Update',
    'Remove Subgroup': 'Update',
  },
  'Group Management': { 'Assign Privileges': 'Assign Privileges', 'Revoke Privileges': 'Revoke Privileges' },
  'Network Activity': {
    Open: 'Open',
    Close: 'Close',
    Reset: 'Reset',
    Fail: 'Fail',
    Refuse: 'Refuse',
    Listen: 'Listen',
  },
};

interface Requirement {
  /** What is missing when it does not hold: `user`, `database or databucket or table`. */
  readonly name: string;
  holds(context: Context): boolean;
}

/** Required of every record alike, and always there once there is a time. */
const OF_EVERY_RECORD = new Set(['metadata', 'severity_id', 'time']);

function requirementsOf(className: string, table: OcsfTable): readonly Requirement[] {
  const { root } = planOf(className, table);
  const named = (name: string) => {
    const child = root.children.find((one) => one.name === name);
    if (child === undefined) return () => false;
    if (child.kind === 'object') return presence(child);
    return presence({ ...root, children: [child], required: [], atLeastOne: null });
  };
  const required = root.required
    .filter((name) => !OF_EVERY_RECORD.has(name))
    .map((name) => ({ name, holds: named(name) }));
  if (root.atLeastOne === null) return required;
  const any = root.atLeastOne.map(named);
  return [...required, { name: root.atLeastOne.join(' or '), holds: (c) => any.some((has) => has(c)) }];
}

/** What settling needs to know of a class, worked out once. */
interface Candidate {
  readonly className: string;
  readonly requirements: readonly Requirement[];
  readonly cases: ReadonlyMap<string, readonly FactCase[]> | null;
}

const candidate = (className: string): Candidate => ({
  className,
  requirements: requirementsOf(className, 'events'),
  cases: factCases(className),
});

const lists = new Map<string, readonly Candidate[]>();

/** The class itself, if it is rendered, and those that may take its place. */
function candidates(wanted: string): readonly Candidate[] {
  let list = lists.get(wanted);
  if (list !== undefined) return list;
  const own = Object.hasOwn(CLASS_RULES, wanted);
  const names = [
    ...(own ? [wanted] : []),
    ...(own ? (MORE_GENERAL[wanted] ?? GENERALLY) : GENERALLY),
    MOST_GENERAL,
  ];
  list = [...new Set(names)].map(candidate);
  // Only classes of ours are remembered: a row's text may be a stranger's.
  if (own) lists.set(wanted, list);
  return list;
}

const valid = ({ requirements }: Candidate, context: Context): boolean => {
  for (const requirement of requirements) if (!requirement.holds(context)) return false;
  return true;
};

export interface Settled {
  readonly className: string;
  readonly activity: string;
}

/** The class and activity of an event as it stands. */
export function classOfEvent(context: Context): Settled {
  const wanted = String(context.row['class'] ?? MOST_GENERAL);
  const activity = String(context.row['activity'] ?? 'Unknown');
  const { className } = candidates(wanted).find((one) => valid(one, context))!;
  return { className, activity: activityIn(className, wanted, activity) };
}

const flowActivity = reader(planOf('Network Activity', 'flows').activity);
const flowRequirements = requirementsOf('Network Activity', 'flows');

/** A flow is Network Activity where an end of it is known. */
export function classOfFlow(context: Context): Settled {
  if (flowRequirements.every(({ holds }) => holds(context)))
    return { className: 'Network Activity', activity: String(flowActivity(context)) };
  return { className: MOST_GENERAL, activity: 'Other' };
}

const activityIn = (className: string, wanted: string, activity: string): string =>
  className === wanted ? activity : (ACTIVITY_IN[className]?.[activity] ?? 'Other');

/**
 * Makes an event's class one that its facts satisfy: looks for what the class asks in the record itself, and where that
 * is not there takes the next more general class. `ocsf_extra` then holds what was found and, under `fallback`, the
 * class that was meant and what it lacked. A class that holds as it is costs a few comparisons.
 */
export function settleClass(event: AuditEvent): void {
  const wanted = event.class ?? MOST_GENERAL;
  const context = new Context(event);
  for (const one of candidates(wanted)) {
    const { className } = one;
    const cases = one.cases?.get(event.source ?? '');
    if (cases !== undefined && settleByFacts(event, one, cases, context)) {
      if (className !== wanted) setClass(event, className, activityIn(className, wanted, event.activity!));
      return;
    }
    if (!valid(one, context)) continue;
    if (className !== wanted) fallBack(event, wanted, className, context);
    return;
  }
}

/** Looks for the class's facts in the record; true when with them the class is valid. */
function settleByFacts(
  event: AuditEvent,
  one: Candidate,
  cases: readonly FactCase[],
  context: Context,
): boolean {
  const told = context.json('ocsf_extra');
  const { activity } = event;
  const fits = (fact: FactCase) => fact.activity === null || fact.activity === activity;
  for (const fact of [...cases.filter(fits), ...cases.filter((other) => !fits(other))]) {
    const found = factsOfCase(fact, context);
    if (found === null) continue;
    // What the connector says itself stands.
    const ocsf_extra = JSON.stringify({ ...found, ...(typeof told === 'object' ? told : {}) });
    if (!valid(one, new Context({ ...event, ocsf_extra }))) continue;
    event.ocsf_extra = ocsf_extra;
    if (fact.activity !== null) setClass(event, one.className, fact.activity);
    return true;
  }
  return false;
}

function setClass(event: AuditEvent, className: string, wantedActivity: string): void {
  const { uid, attributes } = OCSF_CLASSES.get(className)!;
  const ids = Object.entries(attributes.get('activity_id')!.values!);
  const [id, activity] = ids.find(([, caption]) => caption === wantedActivity) ?? ['99', 'Other'];
  event.class = className;
  event.class_uid = uid;
  event.activity = activity;
  event.type_uid = uid * 100 + Number(id);
}

function fallBack(event: AuditEvent, wanted: string, className: string, context: Context): void {
  const [meant] = candidates(wanted);
  const missing =
    meant!.className === wanted
      ? meant!.requirements.filter(({ holds }) => !holds(context)).map(({ name }) => name)
      : [];
  const note = `"fallback":${JSON.stringify({ from: wanted, missing })}`;
  const extra = event.ocsf_extra;
  event.ocsf_extra = extra === null || extra === '{}' ? `{${note}}` : `${extra.slice(0, -1)},${note}}`;
  setClass(event, className, activityIn(className, wanted, event.activity ?? 'Unknown'));
}

export interface Fallback {
  /** The class that was meant. */
  readonly from: string;
  /** The attributes it lacked. */
  readonly missing: readonly string[];
}

/** Why an event has a more general class than was meant; null when it has not. */
export function fallbackOf(context: Context): Fallback | null {
  const found = context.fact(['fallback']);
  const from = memberOf(found, 'from');
  const missing = memberOf(found, 'missing');
  if (typeof from !== 'string' || !Array.isArray(missing)) return null;
  return { from, missing: missing.filter((one) => typeof one === 'string') };
}
