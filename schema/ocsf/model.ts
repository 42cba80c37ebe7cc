/** The OCSF schema as data, read once: what each class and object may hold. The notation is described in README.md. */

import schema from './schema.json' with { type: 'json' };

export interface AttributeFacts {
  readonly name: string;
  /** `string_t` and its like, or the name of an object. */
  readonly type: string;
  readonly array: boolean;
  readonly requirement: 'required' | 'recommended' | 'optional';
  readonly deprecated: boolean;
  /** Only there when the record names this profile. */
  readonly profile: string | null;
  /** Captions by value, where values are closed. */
  readonly values: Readonly<Record<string, string>> | null;
  /** The attribute that holds the caption of this one's value. */
  readonly sibling: string | null;
}

/** A class or an object. */
export interface Shape {
  readonly attributes: ReadonlyMap<string, AttributeFacts>;
  readonly atLeastOne: readonly string[] | null;
  readonly justOne: readonly string[] | null;
}

export interface OcsfClass extends Shape {
  readonly caption: string;
  /** `api_activity` */
  readonly name: string;
  readonly uid: number;
  readonly categoryUid: number;
  readonly categoryName: string;
}

export interface DataType {
  readonly name: string;
  /** The type it narrows; null for the basic ones. */
  readonly base: string | null;
  readonly maxLength: number | null;
  readonly pattern: RegExp | null;
  readonly range: readonly [number, number] | null;
}

interface StoredShape {
  readonly at_least_one?: readonly string[];
  readonly just_one?: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly enums?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface StoredClass extends StoredShape {
  readonly name: string;
  readonly uid: number;
  readonly category_uid: number;
  readonly category_name: string;
}

interface StoredType {
  readonly base?: string;
  readonly max_len?: number;
  readonly regex?: string;
  readonly range?: readonly number[];
}

/** Version of the schema that every record names. */
export const OCSF_VERSION = schema.version;

/** Profiles a record may name. */
export const OCSF_PROFILES: readonly string[] = schema.profiles;

const SIBLINGS = new Map(Object.entries(schema.siblings));
const SPEC = /^([a-z0-9_]+)(\[\])?([!?])?(~)?(?:@([a-z_]+))?$/;

function attributeFacts(name: string, spec: string, values: AttributeFacts['values']): AttributeFacts {
  const [, type, array, flag, deprecated, profile] = SPEC.exec(spec)!;
  return {
    name,
    type: type!,
    array: array !== undefined,
    requirement: flag === '!' ? 'required' : flag === '?' ? 'recommended' : 'optional',
    deprecated: deprecated !== undefined,
    profile: profile ?? null,
    values,
    sibling: SIBLINGS.get(name) ?? (name.endsWith('_id') ? name.slice(0, -3) : null),
  };
}

function attributesOf({ attributes, enums }: StoredShape): [string, AttributeFacts][] {
  return Object.entries(attributes).map(([name, spec]) => [
    name,
    attributeFacts(name, spec, enums?.[name] ?? null),
  ]);
}

const constraintsOf = ({ at_least_one, just_one }: StoredShape) => ({
  atLeastOne: at_least_one ?? null,
  justOne: just_one ?? null,
});

const storedClasses = schema.classes as unknown as Readonly<Record<string, StoredClass>>;

/** A class is stored without what it has from Base Event unchanged. */
function whole(stored: StoredClass): StoredClass {
  const base = storedClasses['Base Event']!;
  return {
    ...stored,
    attributes: { ...base.attributes, ...stored.attributes },
    enums: { ...base.enums, ...stored.enums },
  };
}

/** By caption. */
export const OCSF_CLASSES: ReadonlyMap<string, OcsfClass> = new Map(
  Object.entries(storedClasses).map(([caption, stored]) => [
    caption,
    {
      caption,
      name: stored.name,
      uid: stored.uid,
      categoryUid: stored.category_uid,
      categoryName: stored.category_name,
      ...constraintsOf(stored),
      attributes: new Map(attributesOf(whole(stored))),
    },
  ]),
);

export const OCSF_OBJECTS: ReadonlyMap<string, Shape> = new Map(
  Object.entries(schema.objects as unknown as Readonly<Record<string, StoredShape>>).map(([name, stored]) => [
    name,
    { ...constraintsOf(stored), attributes: new Map(attributesOf(stored)) },
  ]),
);

export const OCSF_TYPES: ReadonlyMap<string, DataType> = new Map(
  Object.entries(schema.types as Readonly<Record<string, StoredType>>).map(([name, stored]) => [
    name,
    {
      name,
      base: stored.base ?? null,
      maxLength: stored.max_len ?? null,
      pattern: stored.regex === undefined ? null : new RegExp(stored.regex),
      range: stored.range === undefined ? null : [stored.range[0]!, stored.range[1]!],
    },
  ]),
);

/**
 * The attribute at a path of a class: `actor.user.name`, `resources[].uid`, `resources[0].type`. Undefined where the
 * schema has none, or has an array where the path has no brackets.
 */
export function attributeAt(ocsfClass: OcsfClass, path: string): AttributeFacts | undefined {
  let shape: Shape | undefined = ocsfClass;
  let found: AttributeFacts | undefined;
  for (const part of path.split('.')) {
    const [, name, brackets] = /^([a-z0-9_]+)(\[\d*\])?$/.exec(part) ?? [];
    found = name === undefined ? undefined : shape?.attributes.get(name);
    if (found === undefined || (brackets !== undefined) !== found.array) return undefined;
    shape = OCSF_OBJECTS.get(found.type);
  }
  return found;
}
