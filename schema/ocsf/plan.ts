/** The rules of one class as a tree: which objects a record has, what each needs, and where every value comes from. */

import { EVENT_COLUMNS, FLOW_COLUMNS } from '../columns.ts';
import { CLASS_RULES, EXTRA_RULES } from './class-rules.ts';
import { EVENT_RULES, FLOW_ACTIVITY, FLOW_RULES } from './mapping.ts';
import {
  type AttributeFacts,
  attributeAt,
  OCSF_CLASSES,
  OCSF_OBJECTS,
  OCSF_PROFILES,
  type OcsfClass,
  type Shape,
} from './model.ts';
import { column, columnsSaidBy, factsOf, type Rule, type Value } from './value.ts';

export type OcsfTable = 'events' | 'flows';

export interface Leaf {
  readonly kind: 'leaf';
  readonly name: string;
  readonly attribute: AttributeFacts;
  readonly value: Value;
  readonly filler: boolean;
}

export interface ObjectNode {
  readonly kind: 'object';
  readonly name: string;
  readonly type: string;
  readonly children: readonly (Leaf | ObjectNode)[];
  /** Children without which the object is not valid. */
  readonly required: readonly string[];
  /** Of these the object needs one. */
  readonly atLeastOne: readonly string[] | null;
  /** A column that must say something: attributes of the profile cloud need the cloud. */
  readonly needs: string | null;
}

/** An attribute that may hold a column's value. */
export interface Place {
  readonly path: readonly string[];
  /** Whether it may hold something else as well, so that only the same value counts. */
  readonly compare: boolean;
}

/** A column whose value may find no place in the record. */
export interface Leftover {
  readonly column: string;
  readonly isJson: boolean;
  readonly places: readonly Place[];
}

export interface Plan {
  readonly ocsfClass: OcsfClass;
  readonly table: OcsfTable;
  /** The class's attributes, but for classification, `resources`, `observables` and `unmapped`. */
  readonly root: ObjectNode;
  /** Caption of the activity. */
  readonly activity: Value;
  /** Whether targets are listed as `resources`. */
  readonly resources: boolean;
  /** Attributes of each profile; a record names those of which it has one. */
  readonly profiled: readonly (readonly [profile: string, attributes: readonly string[]])[];
  readonly leftovers: readonly Leftover[];
}

/** What a row says of itself whatever its class; never a leftover. */
const ALWAYS_SAID = new Set(['class', 'class_uid', 'activity', 'type_uid', 'severity', 'ocsf_extra']);

/** Listed as `resources`; where a class has none they are leftovers. */
const TARGET_COLUMNS = new Set(['target_type', 'target_id', 'target_name', 'targets']);

const SET_BY_EVERY_RECORD = new Set(['activity_id', 'category_uid', 'class_uid', 'type_uid']);

/** The plan of a class for rows of a table. Throws when a rule names what the schema does not have: a defect of ours. */
export function planOf(className: string, table: OcsfTable): Plan {
  const ocsfClass = OCSF_CLASSES.get(className)!;
  const { rules: own, resources, omit = [] } = CLASS_RULES[className]!;
  for (const { path } of own) {
    if (attributeAt(ocsfClass, path) === undefined) throw new Error(`${className} has no attribute ${path}`);
  }
  const general = table === 'events' ? [...EVENT_RULES, ...EXTRA_RULES] : FLOW_RULES;
  const rules = [...general, ...own].filter(
    ({ path }) => !omit.includes(path) && attributeAt(ocsfClass, path) !== undefined,
  );
  const root = objectNode('', ocsfClass, tree(withCaptions(rules, ocsfClass)));
  return {
    ocsfClass,
    table,
    root: { ...root, required: root.required.filter((name) => !SET_BY_EVERY_RECORD.has(name)) },
    activity: table === 'events' ? column('activity') : FLOW_ACTIVITY,
    resources: table === 'events' && resources === true,
    profiled: profiledIn(root, ocsfClass),
    leftovers: leftoversOf(root, table, resources === true),
  };
}

/** Beside every number of a closed list its caption; for Other, what the source says. */
function withCaptions(rules: readonly Rule[], ocsfClass: OcsfClass): Rule[] {
  return rules.flatMap((rule) => {
    const { path, value } = rule;
    const { values, sibling, type, name } = attributeAt(ocsfClass, path)!;
    if (values === null || sibling === null || type !== 'integer_t') return [rule];
    const captionPath = `${path.slice(0, path.length - name.length)}${sibling}`;
    return [rule, { ...rule, path: captionPath, value: captionsOf(value, values) }];
  });
}

function captionsOf(value: Value, captions: Readonly<Record<string, string>>): Value {
  const caption = (id: string | number) => captions[id] ?? String(id);
  if ('constant' in value) return { constant: caption(value.constant) };
  if ('first' in value) return { first: value.first.map((one) => captionsOf(one, captions)) };
  if ('when' in value) return { ...value, value: captionsOf(value.value, captions) };
  if (!('map' in value)) return value;
  const to = Object.fromEntries(Object.entries(value.to).map(([key, id]) => [key, caption(id)]));
  // A value that is listed under Other has no caption either, but its own word.
  for (const [key, id] of Object.entries(value.to)) if (id === 99) delete to[key];
  const { other, empty, ...rest } = value;
  return {
    ...rest,
    to,
    other:
      other === 99 || Object.values(value.to).includes(99) ? 'same' : other === null ? null : caption(other),
    ...(empty === undefined ? {} : { empty: caption(empty) }),
  };
}

interface Branch {
  readonly rules: Map<string, Rule>;
  readonly branches: Map<string, Branch>;
}

/** Rules by their path; a later one stands for an earlier one of the same path. */
function tree(rules: readonly Rule[]): Branch {
  const root: Branch = { rules: new Map(), branches: new Map() };
  for (const rule of rules) {
    const parts = rule.path.replaceAll('[]', '').split('.');
    const name = parts.pop()!;
    let branch = root;
    for (const part of parts) {
      const next = branch.branches.get(part) ?? { rules: new Map(), branches: new Map() };
      branch.branches.set(part, next);
      branch = next;
    }
    branch.rules.set(name, rule);
  }
  return root;
}

function objectNode(name: string, shape: Shape, branch: Branch, facts?: AttributeFacts): ObjectNode {
  const leaves = [...branch.rules].map(([child, { value, filler }]): Leaf => {
    const attribute = shape.attributes.get(child)!;
    return { kind: 'leaf', name: child, attribute, value, filler: filler === true };
  });
  const objects = [...branch.branches].map(([child, inner]) => {
    const attribute = shape.attributes.get(child)!;
    return objectNode(child, OCSF_OBJECTS.get(attribute.type)!, inner, attribute);
  });
  const children = [...leaves, ...objects];
  const required = [...shape.attributes.values()].filter(
    ({ requirement, profile }) => requirement === 'required' && profile === null,
  );
  return {
    kind: 'object',
    name,
    type: facts?.type ?? '',
    children,
    required: required.map((one) => one.name),
    atLeastOne: shape.atLeastOne,
    needs: facts?.profile === 'cloud' && name !== 'cloud' ? 'cloud' : null,
  };
}

/** The profile datetime is in every record: it allows the time to the microsecond. */
function profiledIn({ children }: ObjectNode, { attributes }: OcsfClass): Plan['profiled'] {
  const profiled = OCSF_PROFILES.map((profile) => {
    const names = children
      .map(({ name }) => name)
      .filter((name) => attributes.get(name)!.profile === profile);
    return [profile, profile === 'datetime' ? ['time'] : names] as const;
  });
  return profiled.filter(([, names]) => names.length > 0);
}

interface Candidate extends Place {
  /** Whether nothing but the column is needed for it to be there. */
  readonly certain: boolean;
}

/** Where the type of the main target is, if the target has a name or an id. */
export const RESOURCE_TYPE: Place = { path: ['resources', '0', 'type'], compare: false };

function leftoversOf(root: ObjectNode, table: OcsfTable, resources: boolean): Leftover[] {
  const places = placesOf(root, [], true);
  const columns = table === 'events' ? EVENT_COLUMNS : FLOW_COLUMNS;
  return columns.flatMap(({ name, type }) => {
    const isJson = type === 'json';
    if (ALWAYS_SAID.has(name) || (resources && TARGET_COLUMNS.has(name) && name !== 'target_type')) return [];
    const said = places.get(name) ?? [];
    if (said.some(({ certain }) => certain)) return [];
    const ofResource = resources && name === 'target_type' ? [RESOURCE_TYPE] : [];
    return [{ column: name, isJson, places: [...said, ...ofResource] }];
  });
}

/** Where each column's value may be written. */
function placesOf(node: ObjectNode, path: readonly string[], certain: boolean): Map<string, Candidate[]> {
  const found = new Map<string, Candidate[]>();
  const add = (name: string, place: Candidate) => found.set(name, [...(found.get(name) ?? []), place]);
  for (const child of node.children) {
    const here = [...path, child.name];
    const sure = certain && (path.length === 0 || sufficient(node, child.name));
    if (child.kind === 'object') {
      for (const [name, places] of placesOf(child, here, sure && child.needs === null)) {
        for (const place of places) add(name, place);
      }
    } else {
      const { type, values } = child.attribute;
      const fits = 'map' in child.value || (values === null && !CHECKED_TYPES.has(type));
      const whole = 'map' in child.value || 'column' in child.value;
      for (const { column: name, alone } of columnsSaidBy(child.value)) {
        add(name, { path: here, compare: !alone, certain: sure && whole && fits && !child.filler });
      }
    }
  }
  return found;
}

/** Types that not every value of a column fits. */
const CHECKED_TYPES = new Set(['ip_t', 'port_t', 'timestamp_t', 'integer_t', 'long_t']);

/** Whether one child is all an object needs to be there. */
function sufficient({ required, atLeastOne, children }: ObjectNode, name: string): boolean {
  if (atLeastOne !== null && !atLeastOne.includes(name)) return false;
  return required.every((needed) => {
    if (needed === name) return true;
    const child = children.find((one) => one.name === needed);
    if (child?.kind === 'object')
      return child.children.some((one) => one.kind === 'leaf' && !one.filler && always(one.value));
    return child !== undefined && always(child.value);
  });
}

/** Whether an expression has a value whatever the row says. */
export function always(value: Value): boolean {
  if ('constant' in value) return true;
  if ('first' in value) return value.first.some(always);
  return 'map' in value && value.empty !== undefined && value.other !== null;
}

/** Every path of `ocsf_extra` the rules read; a list ends in brackets. */
export const FACT_PATHS: readonly string[] = [
  ...new Set(
    [...EVENT_RULES, ...EXTRA_RULES, ...Object.values(CLASS_RULES).flatMap(({ rules }) => rules)].flatMap(
      ({ value }) => factsOf(value),
    ),
  ),
].sort();
