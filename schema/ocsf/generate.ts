/**
 * Makes `schema.json` from the OCSF schema's repository: `node schema/ocsf/generate.ts <folder>`.
 *
 * Carried over are names, types, enum captions, requirement flags and constraints of the classes in CLASSES and of every
 * object they reach, with the profiles in PROFILES; descriptions stay behind. The notation is described in README.md.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Attribute,
  attributesOf,
  type Definition,
  inherited,
  type Repository,
  readRepository,
} from './repository.ts';

/** Captions of the classes a record may have. */
const CLASSES = [
  'Base Event',
  'Process Activity',
  'Scheduled Job Activity',
  'Detection Finding',
  'Account Change',
  'Authentication',
  'Entity Management',
  'User Access Management',
  'Group Management',
  'Network Activity',
  'HTTP Activity',
  'SSH Activity',
  'API Activity',
  'Datastore Activity',
  'File Hosting Activity',
] as const;

/** Profiles a record may name. `datetime` has no attributes of its own: it allows `x_dt` beside every timestamp `x`. */
const PROFILES = ['cloud', 'datetime', 'host', 'security_control'] as const;

type Enum = Readonly<Record<string, string>>;

interface Shape {
  readonly [fact: string]: unknown;
  readonly attributes: Readonly<Record<string, string>>;
  readonly enums?: Readonly<Record<string, Enum>>;
}

/** The notation of one attribute: `network_endpoint!`, `string_t[]`, `policy~`, `cloud!@cloud`. */
function notation(name: string, attribute: Attribute, repository: Repository): string {
  const known = repository.dictionary.attributes[name];
  const type = attribute.type ?? known?.type;
  if (type === undefined) throw new Error(`attribute ${name} has no type`);
  const array = (attribute.is_array ?? known?.is_array) === true ? '[]' : '';
  const flag = { required: '!', recommended: '?' }[attribute.requirement ?? ''] ?? '';
  const deprecated = attribute['@deprecated'] ?? known?.['@deprecated'];
  const profile = attribute.profile == null ? '' : `@${attribute.profile}`;
  return `${type}${array}${flag}${deprecated === undefined ? '' : '~'}${profile}`;
}

/** Their values are the class's own number and category, which Base Event names only for itself. */
const CLASSIFICATION = new Set(['category_uid', 'class_uid', 'type_uid']);

/** Captions of an attribute's closed values: the dictionary's, and over them the class's or object's own. */
function enumOf(name: string, attribute: Attribute, repository: Repository): Enum | undefined {
  if (CLASSIFICATION.has(name)) return undefined;
  const values = { ...repository.dictionary.attributes[name]?.enum, ...attribute.enum };
  const captions = Object.entries(values).map(([value, { caption }]) => [value, caption] as const);
  return captions.length === 0 ? undefined : Object.fromEntries(captions);
}

const allowed = ({ profile }: Attribute): boolean =>
  profile == null || (PROFILES as readonly string[]).includes(profile);

function shapeOf(definition: Definition, repository: Repository): Shape {
  const attributes: Record<string, string> = {};
  const enums: Record<string, Enum> = {};
  const all = attributesOf(definition, repository);
  for (const name of Object.keys(all).sort()) {
    const attribute = all[name]!;
    if (!allowed(attribute)) continue;
    attributes[name] = notation(name, attribute, repository);
    const captions = enumOf(name, attribute, repository);
    if (captions !== undefined) enums[name] = captions;
  }
  const { at_least_one, just_one } = inherited(definition, 'constraints', repository) ?? {};
  return {
    ...(at_least_one === undefined ? {} : { at_least_one }),
    ...(just_one === undefined ? {} : { just_one }),
    attributes,
    ...(Object.keys(enums).length === 0 ? {} : { enums }),
  };
}

/** A class, without what it has from Base Event unchanged. */
function classShape(definition: Definition, base: Shape | null, repository: Repository): Shape {
  const category = repository.categories[inherited(definition, 'category', repository)!];
  const category_uid = category?.uid ?? 0;
  const shape = shapeOf(definition, repository);
  const own = (part: 'attributes' | 'enums') =>
    Object.fromEntries(
      Object.entries(shape[part] ?? {}).filter(
        ([name, value]) => JSON.stringify(base?.[part]?.[name]) !== JSON.stringify(value),
      ),
    );
  return {
    name: definition.name,
    uid: category_uid * 1000 + (definition.uid ?? 0),
    category_uid,
    category_name: category?.caption ?? 'Uncategorized',
    ...shape,
    attributes: own('attributes') as Shape['attributes'],
    enums: own('enums') as Record<string, Enum>,
  };
}

const typeOf = (spec: string): string => /^[a-z0-9_]+/.exec(spec)![0];

/** Objects by name, each with those its attributes name. */
function objectsFrom(shapes: readonly Shape[], repository: Repository): Record<string, Shape> {
  const found: Record<string, Shape> = {};
  const add = (shape: Shape): void => {
    for (const spec of Object.values(shape.attributes)) {
      const type = typeOf(spec);
      const definition = repository.objects[type];
      if (definition === undefined || Object.hasOwn(found, type)) continue;
      found[type] = shapeOf(definition, repository);
      add(found[type]);
    }
  };
  shapes.forEach(add);
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Every kind of observable by its number, told from the types, attributes and objects that are one. */
function observableTypes(repository: Repository): Enum {
  const found: Record<string, string> = {};
  const { types, attributes } = repository.dictionary;
  for (const group of [types.attributes, attributes, repository.objects]) {
    for (const { observable, caption } of Object.values(group)) {
      if (observable !== undefined && caption !== undefined) found[observable] ??= caption;
    }
  }
  return found;
}

function typesOf(repository: Repository): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(repository.dictionary.types.attributes).map(([name, { type, max_len, regex, range }]) => [
      name,
      { ...(type === undefined ? {} : { base: type }), max_len, regex, range },
    ]),
  );
}

/** Which attribute holds the caption of which, where it is not the name without `_id`. */
function siblingsOf(shapes: readonly Shape[], repository: Repository): Record<string, string> {
  const names = new Set(shapes.flatMap(({ attributes }) => Object.keys(attributes)));
  return Object.fromEntries(
    [...names].sort().flatMap((name) => {
      const sibling = repository.dictionary.attributes[name]?.sibling;
      return sibling === undefined || `${sibling}_id` === name ? [] : [[name, sibling]];
    }),
  );
}

/** The text of `schema.json`, from a checkout of the schema's repository. */
export function generateSchema(folder: string): string {
  const repository = readRepository(folder);
  const base = classShape(repository.classes['Base Event']!, null, repository);
  const classes = Object.fromEntries(
    CLASSES.map((caption) => {
      const definition = repository.classes[caption];
      if (definition === undefined) throw new Error(`the schema has no class "${caption}"`);
      return [caption, caption === 'Base Event' ? base : classShape(definition, base, repository)];
    }),
  );
  const objects = objectsFrom(Object.values(classes), repository);
  const observable = objects['observable'] as { enums: Record<string, Enum> };
  observable.enums['type_id'] = { ...observable.enums['type_id'], ...observableTypes(repository) };
  const shapes = [...Object.values(classes), ...Object.values(objects)];
  return layOut({
    about:
      'Derived from the Open Cybersecurity Schema Framework (https://schema.ocsf.io), Apache-2.0; see README.md. Made by generate.ts.',
    version: repository.version,
    profiles: PROFILES,
    siblings: siblingsOf(shapes, repository),
    types: typesOf(repository),
    classes,
    objects,
  });
}

/** One line for each type, class and object, so that a new version of the schema can be read as a difference. */
function layOut(schema: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(schema).map(([name, value]) => {
    if (name !== 'types' && name !== 'classes' && name !== 'objects')
      return `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`;
    const lines = Object.entries(value as object).map(
      ([key, one]) => `    ${JSON.stringify(key)}: ${JSON.stringify(one)}`,
    );
    return `  ${JSON.stringify(name)}: {\n${lines.join(',\n')}\n  }`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    process.stderr.write('usage: node schema/ocsf/generate.ts <folder of the OCSF schema>\n');
    process.exitCode = 2;
  } else {
    writeFileSync(join(fileURLToPath(new URL('.', import.meta.url)), 'schema.json'), generateSchema(folder));
  }
}
