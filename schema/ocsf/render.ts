/**
 * A row as an OCSF record. Pure and total: any row gives a record that validates, or none where the row does not say when
 * it happened, which every OCSF record must.
 */

import type { AuditEvent, Flow } from '../columns.ts';
import { objectBuilder } from './build.ts';
import { OCSF_OBJECTS } from './model.ts';
import { OBSERVED, type Observed } from './observables.ts';
import { type OcsfTable, type Place, type Plan, planOf } from './plan.ts';
import { Context, type RowCells } from './read.ts';
import { classOfEvent, classOfFlow, fallbackOf } from './settle.ts';

export type OcsfRecord = Readonly<Record<string, unknown>>;
type Members = Record<string, unknown>;

/** An event's record; null when the event has no time. */
export function renderEvent(event: AuditEvent): OcsfRecord | null {
  const context = new Context(event);
  return renderAs('events', classOfEvent(context), context);
}

/** A flow's record; null when the flow has no time. */
export function renderFlow(flow: Flow): OcsfRecord | null {
  const context = new Context(flow);
  return renderAs('flows', classOfFlow(context), context);
}

type Renderer = (context: Context, activity: string) => OcsfRecord | null;
const renderers = new Map<string, Renderer>();

function renderAs(
  table: OcsfTable,
  { className, activity }: { className: string; activity: string },
  context: Context,
): OcsfRecord | null {
  const key = `${table}/${className}`;
  let render = renderers.get(key);
  if (render === undefined) {
    render = rendererOf(planOf(className, table));
    renderers.set(key, render);
  }
  return render(context, activity);
}

function rendererOf(plan: Plan): Renderer {
  const { ocsfClass, leftovers, profiled, resources } = plan;
  const build = objectBuilder(plan.root);
  const activities = new Map(
    Object.entries(ocsfClass.attributes.get('activity_id')!.values!).map(([id, caption]) => [
      caption,
      Number(id),
    ]),
  );
  return (context, wanted) => {
    const activity = activities.has(wanted) ? wanted : 'Other';
    const activityId = activities.get(activity)!;
    const record: Members = {
      class_uid: ocsfClass.uid,
      class_name: ocsfClass.caption,
      category_uid: ocsfClass.categoryUid,
      category_name: ocsfClass.categoryName,
      activity_id: activityId,
      activity_name: activity,
      type_uid: ocsfClass.uid * 100 + activityId,
      type_name: `${ocsfClass.caption}: ${activity}`,
    };
    const said = build(context);
    if (said === undefined) return null;
    Object.assign(record, said);
    (record['metadata'] as Members)['profiles'] = profiled
      .filter(([, names]) => names.some((name) => record[name] !== undefined))
      .map(([profile]) => profile);
    if (resources) setIfAny(record, 'resources', resourcesOf(context.row));
    setIfAny(record, 'observables', observablesOf(record));
    const unmapped = unmappedOf(record, leftovers, context);
    if (unmapped !== null) record['unmapped'] = unmapped;
    return record;
  };
}

function setIfAny(record: Members, name: string, list: readonly unknown[]): void {
  if (list.length > 0) record[name] = list;
}

/** The main target with all that is known of it, then the others by their ids. */
export function resourcesOf({ target_id, target_name, target_type, targets }: RowCells): Members[] {
  const list: Members[] = [];
  if (typeof target_id === 'string' || typeof target_name === 'string') {
    const main: Members = {};
    if (typeof target_id === 'string') main['uid'] = target_id;
    if (typeof target_name === 'string') main['name'] = target_name;
    if (typeof target_type === 'string') main['type'] = target_type;
    list.push(main);
  }
  if (Array.isArray(targets)) {
    for (const uid of targets) if (typeof uid === 'string' && uid !== target_id) list.push({ uid });
  }
  return list;
}

const OBSERVABLE_TYPES = OCSF_OBJECTS.get('observable')!.attributes.get('type_id')!.values!;

function observablesOf(record: Members): Members[] {
  const list: Members[] = [];
  for (const { name, path, typeId } of OBSERVED) {
    const value = at(record, path);
    if (value !== undefined) list.push({ name, type_id: typeId, type: OBSERVABLE_TYPES[typeId], value });
  }
  return list;
}

function at(record: unknown, path: Observed['path']): unknown {
  let value = record;
  for (const part of path) {
    if (value === undefined) return undefined;
    value = (value as Members)[part];
  }
  return value;
}

function holds(record: Members, { path, compare }: Place, value: unknown): boolean {
  const found = at(record, path);
  return compare ? found === value : found !== undefined;
}

function unmappedOf(record: Members, leftovers: Plan['leftovers'], context: Context): Members | null {
  const unmapped: Members = {};
  let any = false;
  for (const { column, isJson, places } of leftovers) {
    const value = context.row[column];
    if (value === null || value === undefined) continue;
    if (places.some((place) => holds(record, place, value))) continue;
    unmapped[column] = isJson ? (context.json(column) ?? value) : value;
    any = true;
  }
  const fallback = fallbackOf(context);
  if (fallback !== null) unmapped['class_fallback'] = fallback;
  return any || fallback !== null ? unmapped : null;
}
