/** Says what an event is in the shared vocabulary: canonical action, OCSF class and activity. */

import { refineAction } from './actions/refine.ts';
import { resolveAction } from './actions/resolve.ts';
import type { AuditEvent } from './columns.ts';
import { settleClass } from './ocsf/settle.ts';
import classes from './ocsf-classes.json' with { type: 'json' };

interface OcsfClass {
  readonly uid: number;
  readonly activities: Readonly<Record<string, string>>;
}

const CLASSES = classes.classes as Readonly<Record<string, OcsfClass>>;

/** The class of a record that names no operation: OCSF's most general one. */
const GENERAL_CLASS = 'Base Event';
const API_CLASS = 'API Activity';

/** Activity caption → id, per class, made once. */
const ACTIVITY_IDS = new Map(
  Object.entries(CLASSES).map(([name, { activities }]) => [
    name,
    new Map(Object.entries(activities).map(([id, caption]) => [caption, Number(id)])),
  ]),
);

/**
 * Fills action, class, class_uid, activity, type_uid, severity and read_only where the mapping left them empty. Class
 * and activity come from the action table; an activity the class does not know becomes Other (99).
 */
export function classify(event: AuditEvent): void {
  const { source, service, operation } = event;
  if (operation !== null || event.action === null) {
    const resolved = refineAction(resolveAction({ source: source ?? '', service, operation }), event.request);
    event.action ??= resolved.action;
    event.class ??= operation === null ? GENERAL_CLASS : (resolved.class ?? API_CLASS);
    event.activity ??= operation === null ? 'Unknown' : resolved.activity;
    if (!resolved.derived && resolved.access !== null && resolved.access !== 'auth') {
      event.read_only ??= resolved.access === 'read';
    }
  }
  const name = event.class !== null && Object.hasOwn(CLASSES, event.class) ? event.class : GENERAL_CLASS;
  const { uid } = CLASSES[name]!;
  const ids = ACTIVITY_IDS.get(name)!;
  const activity = event.activity !== null && ids.has(event.activity) ? event.activity : 'Other';
  event.class = name;
  event.class_uid = uid;
  event.activity = activity;
  event.type_uid = uid * 100 + ids.get(activity)!;
  event.severity ??= 'Informational';
  settleClass(event);
}
