/**
 * The plans of `schema/ocsf` as SQL: the second reading of the rules that `schema/ocsf/render.ts` renders records by.
 *
 * Objects are STRUCTs, absent where the record would not have them; instants are milliseconds with the instant itself
 * beside them (`time`, `time_dt`); embedded JSON stays text.
 */

import { type ColumnType, TABLES } from '../../schema/columns.ts';
import { FLOW_ACTIVITY } from '../../schema/ocsf/mapping.ts';
import { type AttributeFacts, OCSF_OBJECTS, OCSF_TYPES } from '../../schema/ocsf/model.ts';
import { observedIn } from '../../schema/ocsf/observables.ts';
import {
  always,
  FACT_PATHS,
  type Leaf,
  type ObjectNode,
  type OcsfTable,
  type Place,
  type Plan,
  planOf,
  RESOURCE_TYPE,
} from '../../schema/ocsf/plan.ts';
import { typesOfKind } from '../../schema/ocsf/target-kinds.ts';
import type { Condition, Value } from '../../schema/ocsf/value.ts';
import { quoteName, quoteText } from '../sql-text.ts';

// Values

const literal = (value: string | number): string =>
  typeof value === 'number' ? String(value) : quoteText(value);

/** A value before it is brought to the attribute's type. */
function valueSql(value: Value): string {
  if ('column' in value) return quoteName(value.column);
  if ('constant' in value) return literal(value.constant);
  if ('fact' in value) return factSql(value.fact);
  if ('factList' in value) {
    const list = factSql(value.factList);
    return `CASE WHEN len(${list}) > 0 THEN ${list} END`;
  }
  if ('member' in value) {
    const [column, name] = value.member;
    return `TRY(json_extract_string(${quoteName(column)}, ${quoteText(`$.${name}`)}))`;
  }
  if ('match' in value)
    return `nullif(regexp_extract(${quoteName(value.match)}, ${quoteText(value.pattern)}, 1), '')`;
  if ('first' in value) return `coalesce(${value.first.map(valueSql).join(', ')})`;
  if ('when' in value) return `CASE WHEN ${conditionSql(value.when)} THEN ${valueSql(value.value)} END`;
  return mapSql(value);
}

const factSql = (path: string): string => ['extra', ...path.split('.').map(quoteName)].join('.');

function mapSql({ map, to, other, folded, empty }: Extract<Value, { map: string }>): string {
  const column = quoteName(map);
  const text = folded === true ? `lower(${column})` : `CAST(${column} AS VARCHAR)`;
  const cases = Object.entries(to).map(([key, value]) => `WHEN ${quoteText(key)} THEN ${literal(value)}`);
  const rest = other === 'same' ? column : other === null ? 'NULL' : literal(other);
  const known = cases.length === 0 ? rest : `CASE ${text} ${cases.join(' ')} ELSE ${rest} END`;
  return `CASE WHEN ${column} IS NULL THEN ${empty === undefined ? 'NULL' : literal(empty)} ELSE ${known} END`;
}

/** Never null, so that it can be negated. */
function conditionSql(condition: Condition): string {
  if ('in' in condition) return inSql(quoteName(condition.column), condition.in);
  if ('kind' in condition) return inSql('lower("target_type")', typesOfKind(condition.kind));
  if ('present' in condition) return `${quoteName(condition.present)} IS NOT NULL`;
  if ('noFact' in condition) return `${factSql(condition.noFact)} IS NULL`;
  if ('not' in condition) return `NOT (${conditionSql(condition.not)})`;
  if ('all' in condition) return `(${condition.all.map(conditionSql).join(' AND ')})`;
  return `(${condition.any.map(conditionSql).join(' OR ')})`;
}

const inSql = (text: string, values: readonly string[]): string =>
  `coalesce(${text} IN (${values.map(quoteText).join(', ')}), false)`;

// Attributes

function sqlType({ type, array }: AttributeFacts): string {
  const base = OCSF_TYPES.get(type)?.base ?? type;
  const one = { integer_t: 'BIGINT', long_t: 'BIGINT', boolean_t: 'BOOLEAN' }[base] ?? 'VARCHAR';
  return array ? `${one}[]` : one;
}

function leafSql({ value, attribute }: Leaf): string {
  const sql = valueSql(value);
  // Not epoch_ms: before 1970 it rounds towards zero.
  if (attribute.type === 'timestamp_t') return `CAST(floor(epoch_us(${sql}) / 1000) AS BIGINT)`;
  if (attribute.values !== null && attribute.type === 'string_t') {
    const wanted = Object.keys(attribute.values).map(quoteText).join(', ');
    return `CASE WHEN ${sql} IN (${wanted}) THEN ${sql} END`;
  }
  const type = sqlType(attribute);
  return type === 'VARCHAR' || attribute.array ? sql : `TRY_CAST(${sql} AS ${type})`;
}

const isFiller = (child: Leaf | ObjectNode): boolean => child.kind === 'leaf' && child.filler;

/** Whether the record has this attribute. */
function presentSql(node: Leaf | ObjectNode): string {
  if (node.kind === 'leaf') return always(node.value) ? 'true' : `${leafSql(node)} IS NOT NULL`;
  const named = (names: readonly string[]) => node.children.filter(({ name }) => names.includes(name));
  const conditions = named(node.required).map(presentSql);
  if (node.needs !== null) conditions.push(`${quoteName(node.needs)} IS NOT NULL`);
  const oneOf = node.atLeastOne === null ? [] : named(node.atLeastOne);
  if (node.atLeastOne !== null) conditions.push(anySql(oneOf));
  const said = node.children.filter((child) => !isFiller(child));
  const implied = [...named(node.required), ...(oneOf.length > 0 && !oneOf.some(isFiller) ? oneOf : [])];
  if (!implied.some((child) => said.includes(child))) conditions.push(anySql(said));
  const needed = conditions.filter((condition) => condition !== 'true');
  return needed.length === 0 ? 'true' : `(${needed.join(' AND ')})`;
}

function anySql(nodes: readonly (Leaf | ObjectNode)[]): string {
  const parts = nodes.map(presentSql);
  if (parts.includes('true')) return 'true';
  return parts.length === 0 ? 'false' : `(${parts.join(' OR ')})`;
}

// The structure of a view, which both tables' rows have alike

interface Shape {
  /** Null for an object. */
  readonly type: string | null;
  readonly fields: Map<string, Shape>;
}

const leafShape = (type: string): Shape => ({ type, fields: new Map() });

function addShape(fields: Map<string, Shape>, { children }: ObjectNode): void {
  for (const child of children) {
    if (child.kind === 'leaf') {
      fields.set(child.name, leafShape(sqlType(child.attribute)));
      if (isInstant(child)) fields.set(`${child.name}_dt`, leafShape('TIMESTAMP WITH TIME ZONE'));
    } else {
      const inner = fields.get(child.name) ?? { type: null, fields: new Map() };
      fields.set(child.name, inner);
      addShape(inner.fields, child);
    }
  }
}

const isInstant = ({ attribute, value }: Leaf): boolean =>
  attribute.type === 'timestamp_t' && 'column' in value;

const shapeType = ({ type, fields }: Shape): string =>
  type ?? `STRUCT(${[...fields].map(([name, one]) => `${quoteName(name)} ${shapeType(one)}`).join(', ')})`;

const absent = (shape: Shape): string => `CAST(NULL AS ${shapeType(shape)})`;

function structSql(
  node: ObjectNode,
  { fields }: Shape,
  more: ReadonlyMap<string, string> = new Map(),
): string {
  const members = [...membersSql(node, fields), ...more];
  const struct = `{${members.map(([name, sql]) => `${quoteText(name)}: ${sql}`).join(', ')}}`;
  const present = presentSql(node);
  return present === 'true' ? struct : `CASE WHEN ${present} THEN ${struct} END`;
}

/** An expression for every field of the shape that the node itself makes. */
function membersSql(node: ObjectNode, fields: ReadonlyMap<string, Shape>): Map<string, string> {
  const children = new Map(node.children.map((child) => [child.name, child]));
  const members = new Map<string, string>();
  for (const [name, shape] of fields) {
    const child = children.get(name);
    const instant = name.endsWith('_dt') ? children.get(name.slice(0, -3)) : undefined;
    if (child?.kind === 'object') members.set(name, structSql(child, shape));
    else if (child !== undefined) members.set(name, `CAST(${leafSql(child)} AS ${shapeType(shape)})`);
    else if (instant?.kind === 'leaf') members.set(name, valueSql(instant.value));
    else members.set(name, absent(shape));
  }
  return members;
}

// Whole records

const RESOURCES = `STRUCT("uid" VARCHAR, "name" VARCHAR, "type" VARCHAR)[]`;
const OBSERVABLES = `STRUCT("name" VARCHAR, "type_id" BIGINT, "type" VARCHAR, "value" VARCHAR)[]`;
const FALLBACK = `STRUCT("from" VARCHAR, "missing" VARCHAR[])`;

const nullIfEmpty = (list: string): string => `CASE WHEN len(${list}) > 0 THEN ${list} END`;

const RESOURCES_SQL = nullIfEmpty(
  `list_concat(
    CASE WHEN "target_id" IS NOT NULL OR "target_name" IS NOT NULL
      THEN [{'uid': "target_id", 'name': "target_name", 'type': "target_type"}] ELSE CAST([] AS ${RESOURCES}) END,
    list_transform(list_filter("targets", lambda t: t IS NOT NULL AND t IS DISTINCT FROM "target_id"),
      lambda t: {'uid': t, 'name': CAST(NULL AS VARCHAR), 'type': CAST(NULL AS VARCHAR)}))`,
);

/** The value at a path and whether everything above it is there; undefined where the class has no such attribute. */
function at(node: ObjectNode, path: readonly string[]): { value: string; present: string } | undefined {
  const [name, ...rest] = path;
  const child = node.children.find((one) => one.name === name);
  if (child === undefined) return undefined;
  if (child.kind === 'leaf') return { value: leafSql(child), present: presentSql(child) };
  const inner = at(child, rest);
  return inner && { value: inner.value, present: `${presentSql(child)} AND ${inner.present}` };
}

function observablesSql({ ocsfClass, root }: Plan): string {
  const captions = OCSF_OBJECTS.get('observable')!.attributes.get('type_id')!.values!;
  const observed = observedIn(ocsfClass.caption).flatMap(({ name, path, typeId }) => {
    const found = at(root, path);
    if (found === undefined) return [];
    const struct = `{'name': ${quoteText(name)}, 'type_id': CAST(${typeId} AS BIGINT), 'type': ${quoteText(captions[typeId]!)}, 'value': ${found.value}}`;
    return [`CASE WHEN ${found.present} THEN ${struct} END`];
  });
  if (observed.length === 0) return `CAST(NULL AS ${OBSERVABLES})`;
  return nullIfEmpty(`list_filter([${observed.join(', ')}], lambda x: x IS NOT NULL)`);
}

function profilesSql({ root, profiled }: Plan): string {
  const named = profiled.map(([profile, names]) => {
    const present = anySql(root.children.filter(({ name }) => names.includes(name)));
    return `CASE WHEN ${present} THEN ${quoteText(profile)} END`;
  });
  return `list_filter([${named.join(', ')}], lambda x: x IS NOT NULL)`;
}

const COLUMN_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  json: 'VARCHAR',
  time: 'TIMESTAMP WITH TIME ZONE',
  int: 'INTEGER',
  long: 'BIGINT',
  bool: 'BOOLEAN',
  strings: 'VARCHAR[]',
};

const columnType = (table: OcsfTable, column: string): string =>
  COLUMN_TYPES[TABLES[table].find(({ name }) => name === column)!.type];

/** Types of the leftover columns of all plans; text where two tables mean different things by one name. */
function leftoverTypes(plans: readonly Plan[]): Map<string, string> {
  const types = new Map<string, string>();
  for (const { table, leftovers } of plans) {
    for (const { column } of leftovers) {
      const type = columnType(table, column);
      types.set(column, (types.get(column) ?? type) === type ? type : 'VARCHAR');
    }
  }
  return types;
}

function placeSql(root: ObjectNode, { path, compare }: Place, column: string): string {
  if (path === RESOURCE_TYPE.path) return '("target_id" IS NOT NULL OR "target_name" IS NOT NULL)';
  const { value, present } = at(root, path)!;
  return compare ? `(${present} AND ${value} = ${quoteName(column)})` : `(${present})`;
}

function unmappedSql({ root, leftovers, table }: Plan, types: ReadonlyMap<string, string>): string {
  const own = new Map(leftovers.map((one) => [one.column, one]));
  const members = [...types].map(([column, type]) => {
    const leftover = own.get(column);
    if (leftover === undefined) return [column, `CAST(NULL AS ${type})`] as const;
    const held = leftover.places.map((place) => placeSql(root, place, column)).join(' OR ');
    const name = quoteName(column);
    const sql = held === '' ? name : `CASE WHEN ${held} THEN NULL ELSE ${name} END`;
    return [column, `CAST(${sql} AS ${type})`] as const;
  });
  const fallback = table === 'events' ? 'extra."fallback"' : `CAST(NULL AS ${FALLBACK})`;
  return `{${[...members, ['class_fallback', fallback] as const]
    .map(([name, sql]) => `${quoteText(name)}: ${sql}`)
    .join(', ')}}`;
}

/** The structure of `ocsf_extra`, as far as rules read it. */
function extraStructure(): string {
  const structure: Record<string, unknown> = { fallback: { from: 'VARCHAR', missing: ['VARCHAR'] } };
  for (const path of FACT_PATHS) {
    const parts = path.replace('[]', '').split('.');
    const name = parts.pop()!;
    let inner = structure;
    for (const part of parts) {
      inner[part] ??= {};
      inner = inner[part] as Record<string, unknown>;
    }
    inner[name] = path.endsWith('[]') ? ['VARCHAR'] : 'VARCHAR';
  }
  return JSON.stringify(structure);
}

/** Rows of a table that are of this class, with `extra` and the activity's caption beside their columns. */
function rowsSql({ ocsfClass, table }: Plan, from: string): string {
  const captions = Object.values(ocsfClass.attributes.get('activity_id')!.values!).map(quoteText).join(', ');
  if (table === 'events') {
    return `SELECT *, TRY(json_transform("ocsf_extra", ${quoteText(extraStructure())})) AS extra,
      CASE WHEN "activity" IN (${captions}) THEN "activity" ELSE 'Other' END AS ocsf_activity
      FROM ${from} WHERE "class_uid" = ${ocsfClass.uid} AND "time" IS NOT NULL`;
  }
  const network = planOf('Network Activity', 'flows').root;
  const ends = anySql(network.children.filter(({ name }) => network.atLeastOne!.includes(name)));
  const isNetwork = ocsfClass.caption === 'Network Activity';
  return `SELECT *, ${isNetwork ? valueSql(FLOW_ACTIVITY) : "'Other'"} AS ocsf_activity
    FROM ${from} WHERE "time" IS NOT NULL AND ${isNetwork ? ends : `NOT ${ends}`}`;
}

function recordsSql(plan: Plan, shape: Shape, types: ReadonlyMap<string, string>, from: string): string {
  const { ocsfClass, root, resources } = plan;
  const { uid, caption, categoryUid, categoryName } = ocsfClass;
  const ids = Object.entries(ocsfClass.attributes.get('activity_id')!.values!).map(
    ([id, name]) => `WHEN ${quoteText(name)} THEN ${id}`,
  );
  const activityId = `CASE ocsf_activity ${ids.join(' ')} END`;
  const columns = new Map<string, string>([
    ['class_uid', String(uid)],
    ['class_name', quoteText(caption)],
    ['category_uid', String(categoryUid)],
    ['category_name', quoteText(categoryName)],
    ['activity_id', activityId],
    ['activity_name', 'ocsf_activity'],
    ['type_uid', `CAST(${uid * 100} + ${activityId} AS BIGINT)`],
    ['type_name', `concat(${quoteText(`${caption}: `)}, ocsf_activity)`],
    ...membersSql(root, shape.fields),
  ]);
  const metadata = root.children.find((child): child is ObjectNode => child.name === 'metadata')!;
  columns.set(
    'metadata',
    structSql(metadata, shape.fields.get('metadata')!, new Map([['profiles', profilesSql(plan)]])),
  );
  if (ocsfClass.attributes.has('resources'))
    columns.set('resources', resources ? RESOURCES_SQL : `CAST(NULL AS ${RESOURCES})`);
  columns.set('observables', observablesSql(plan));
  columns.set('unmapped', unmappedSql(plan, types));
  const list = [...columns].map(([name, sql]) => `${sql} AS ${quoteName(name)}`).join(',\n  ');
  return `SELECT ${list}\nFROM (${rowsSql(plan, from)})`;
}

/**
 * The records of one class: one row each, one column per attribute.
 *
 * @param from Where the rows of each table come from; a table that is left out adds none.
 */
export function ocsfRelation(
  className: string,
  from: Readonly<Partial<Record<OcsfTable, string>>> = { events: 'events', flows: 'flows' },
): string {
  const tables: readonly OcsfTable[] = FLOW_CLASSES.has(className) ? ['events', 'flows'] : ['events'];
  // Whatever is asked for, the columns are the same.
  const plans = tables.map((table) => planOf(className, table));
  const shape: Shape = { type: null, fields: new Map() };
  for (const { root } of plans) addShape(shape.fields, root);
  const types = leftoverTypes(plans);
  const parts = plans.flatMap((plan) => {
    const source = from[plan.table];
    return source === undefined ? [] : [recordsSql(plan, shape, types, source)];
  });
  return parts.join('\nUNION ALL BY NAME\n');
}

/** Classes that flows can be of. */
export const FLOW_CLASSES: ReadonlySet<string> = new Set(['Network Activity', 'Base Event']);
