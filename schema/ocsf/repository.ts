/** Reads the OCSF schema as its repository lays it out: classes inherit by `extends`, take in profiles by `$include`. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Attribute {
  readonly type?: string;
  readonly is_array?: boolean;
  readonly requirement?: string;
  /** null takes an attribute out of the profile it came with: it then always is there. */
  readonly profile?: string | null;
  readonly enum?: Readonly<Record<string, { readonly caption: string }>>;
  readonly sibling?: string;
  readonly caption?: string;
  readonly observable?: number;
  readonly '@deprecated'?: unknown;
}

type Attributes = Readonly<Record<string, Attribute>> & { readonly $include?: readonly string[] };

/** A class or an object. Some of either share a name, so each knows what it is. */
export interface Definition {
  readonly kind: 'class' | 'object';
  readonly name: string;
  readonly caption?: string;
  readonly uid?: number;
  readonly category?: string;
  readonly extends?: string;
  readonly observable?: number;
  readonly attributes: Attributes;
  readonly constraints?: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] };
}

interface DataType extends Attribute {
  readonly max_len?: number;
  readonly regex?: string;
  readonly range?: readonly [number, number];
}

export interface Repository {
  readonly folder: string;
  readonly version: string;
  readonly categories: Readonly<Record<string, { readonly uid: number; readonly caption: string }>>;
  readonly dictionary: {
    readonly attributes: Readonly<Record<string, Attribute>>;
    readonly types: { readonly attributes: Readonly<Record<string, DataType>> };
  };
  /** Classes a record may have, by caption. */
  readonly classes: Readonly<Record<string, Definition>>;
  /** By name, abstract ones included. */
  readonly objects: Readonly<Record<string, Definition>>;
  /** All classes by name. */
  readonly classesByName: Readonly<Record<string, Definition>>;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function definitionsUnder(folder: string, kind: Definition['kind']): Definition[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return definitionsUnder(path, kind);
      return name.endsWith('.json') ? [{ ...(readJson(path) as Definition), kind }] : [];
    });
}

/** Reads a checkout of the schema's repository, without its extensions. */
export function readRepository(folder: string): Repository {
  const read = (name: string) => readJson(join(folder, name));
  const classes = definitionsUnder(join(folder, 'events'), 'class');
  const objects = definitionsUnder(join(folder, 'objects'), 'object');
  // A category's general class may share its caption with a class of its own, as Network Activity does: that has a uid.
  const concrete = classes.filter(({ uid, name }) => uid !== undefined || name === 'base_event');
  return {
    folder,
    version: (read('version.json') as { version: string }).version,
    categories: (read('categories.json') as { attributes: Repository['categories'] }).attributes,
    dictionary: read('dictionary.json') as Repository['dictionary'],
    classes: Object.fromEntries(concrete.map((one) => [one.caption, one])),
    objects: Object.fromEntries(objects.map((one) => [one.name, one])),
    classesByName: Object.fromEntries(classes.map((one) => [one.name, one])),
  };
}

function parentOf(definition: Definition, { objects, classesByName }: Repository): Definition | undefined {
  const { kind, extends: parent } = definition;
  if (parent === undefined) return undefined;
  return (kind === 'class' ? classesByName : objects)[parent];
}

/** A member of the definition, or of the nearest one it extends that has it. */
export function inherited<K extends 'category' | 'constraints'>(
  definition: Definition,
  member: K,
  repository: Repository,
): Definition[K] | undefined {
  const parent = parentOf(definition, repository);
  return definition[member] ?? (parent === undefined ? undefined : inherited(parent, member, repository));
}

/** Attributes of a profile, each marked with its name. */
function profileAttributes(file: string, { folder }: Repository): Record<string, Attribute> {
  const { name, attributes } = readJson(join(folder, file)) as Definition;
  return Object.fromEntries(
    Object.entries(attributes).map(([attribute, facts]) => [attribute, { ...facts, profile: name }]),
  );
}

/** All attributes of a class or object: inherited, from profiles, and its own, where the later say more. */
export function attributesOf(definition: Definition, repository: Repository): Record<string, Attribute> {
  const parent = parentOf(definition, repository);
  const merged: Record<string, Attribute> = parent === undefined ? {} : attributesOf(parent, repository);
  const { $include = [], ...own } = definition.attributes;
  const layers = [...$include.map((file) => profileAttributes(file, repository)), own];
  for (const layer of layers) {
    for (const [name, facts] of Object.entries(layer as Record<string, Attribute>)) {
      const before = merged[name];
      merged[name] = { ...before, ...facts };
      if (before?.enum !== undefined && facts.enum !== undefined) {
        merged[name] = { ...merged[name], enum: { ...before.enum, ...facts.enum } };
      }
    }
  }
  return merged;
}
