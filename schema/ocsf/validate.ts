/**
 * Checks one record against the OCSF schema: required attributes, types, closed values and their captions, arrays,
 * objects at any depth, constraints, and that there is no attribute the schema does not know.
 *
 * It is written from the schema's data alone and shares nothing with the rendering it checks.
 */

import {
  type AttributeFacts,
  type DataType,
  OCSF_CLASSES,
  OCSF_OBJECTS,
  OCSF_PROFILES,
  OCSF_TYPES,
  OCSF_VERSION,
  type OcsfClass,
  type Shape,
} from './model.ts';

export interface Problem {
  /** `actor.user.name`, `resources[2].uid`; empty for the record itself. */
  readonly path: string;
  readonly problem: string;
}

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const CLASS_BY_UID = new Map([...OCSF_CLASSES.values()].map((one) => [one.uid, one]));

/** Everything that is wrong with a record; empty when it validates. Total: any value is judged. */
export function validateOcsf(record: unknown): Problem[] {
  if (!isObject(record)) return [{ path: '', problem: 'a record is an object' }];
  const ocsfClass = CLASS_BY_UID.get(record['class_uid'] as number);
  if (ocsfClass === undefined) {
    return [{ path: 'class_uid', problem: `no class has the number ${show(record['class_uid'])}` }];
  }
  const check = new Check(profilesOf(record));
  check.profiles();
  check.shape(record, ocsfClass, '');
  check.classification(record, ocsfClass);
  return check.problems;
}

function profilesOf({ metadata }: Members): readonly string[] {
  const named = isObject(metadata) ? metadata['profiles'] : undefined;
  return Array.isArray(named) ? named.map(String) : [];
}

class Check {
  readonly problems: Problem[] = [];
  readonly #profiles: readonly string[];

  constructor(profiles: readonly string[]) {
    this.#profiles = profiles;
  }

  profiles(): void {
    for (const profile of this.#profiles) {
      if (!OCSF_PROFILES.includes(profile))
        this.#say('metadata.profiles', `${show(profile)} is no known profile`);
    }
  }

  /** What a record says about its own class, twice over. */
  classification(record: Members, { caption, uid, categoryUid, categoryName, attributes }: OcsfClass): void {
    const same = (name: string, wanted: unknown) => {
      const found = record[name];
      if (found !== undefined && found !== wanted)
        this.#say(name, `${show(found)} is not ${show(wanted)}, which the class has`);
    };
    same('category_uid', categoryUid);
    same('category_name', categoryName);
    same('class_name', caption);
    const { activity_id: activity } = record;
    if (typeof activity === 'number') {
      same('type_uid', uid * 100 + activity);
      same('type_name', `${caption}: ${attributes.get('activity_id')?.values?.[activity] ?? '?'}`);
    }
    const { metadata } = record;
    if (isObject(metadata) && metadata['version'] !== OCSF_VERSION)
      this.#say('metadata.version', `${show(metadata['version'])} is not ${OCSF_VERSION}`);
  }

  shape(members: Members, shape: Shape, path: string): void {
    for (const name of Object.keys(members)) {
      const value = members[name];
      if (value === undefined) continue;
      const attribute = this.#attribute(shape, name);
      if (attribute === undefined) this.#say(join(path, name), 'the schema has no such attribute here');
      else this.#value(value, attribute, members, join(path, name));
    }
    for (const attribute of shape.attributes.values()) {
      if (attribute.requirement !== 'required' || !this.#active(attribute)) continue;
      if (members[attribute.name] === undefined)
        this.#say(join(path, attribute.name), 'required, but absent');
    }
    const { atLeastOne, justOne } = shape;
    const present = (name: string) => members[name] !== undefined;
    if (atLeastOne !== null && !atLeastOne.some(present))
      this.#say(path, `needs at least one of ${atLeastOne.join(', ')}`);
    if (justOne !== null && justOne.filter(present).length !== 1)
      this.#say(path, `needs just one of ${justOne.join(', ')}`);
  }

  #active = ({ profile }: AttributeFacts): boolean => profile === null || this.#profiles.includes(profile);

  #attribute(shape: Shape, name: string): AttributeFacts | undefined {
    const found = shape.attributes.get(name);
    if (found !== undefined) return this.#active(found) ? found : undefined;
    // The profile datetime sets `x_dt` beside every timestamp `x`.
    if (!name.endsWith('_dt') || !this.#profiles.includes('datetime')) return undefined;
    const timestamp = shape.attributes.get(name.slice(0, -3));
    if (timestamp?.type !== 'timestamp_t' || !this.#active(timestamp)) return undefined;
    return { ...timestamp, name, type: 'datetime_t', requirement: 'optional' };
  }

  #value(value: unknown, attribute: AttributeFacts, beside: Members, path: string): void {
    if (!attribute.array) {
      this.#one(value, attribute, path);
      this.#caption(value, attribute, beside, path);
    } else if (!Array.isArray(value)) this.#say(path, 'must be an array');
    else value.forEach((one, index) => void this.#one(one, attribute, `${path}[${index}]`));
  }

  #one(value: unknown, { type, values }: AttributeFacts, path: string): void {
    if (value === null) {
      this.#say(path, 'null is no value: leave the attribute out');
      return;
    }
    const object = OCSF_OBJECTS.get(type);
    if (object !== undefined) {
      if (!isObject(value)) this.#say(path, `must be an object (${type})`);
      // The general object holds whatever a source has.
      else if (type !== 'object') this.shape(value, object, path);
      return;
    }
    const problem = problemOfType(value, OCSF_TYPES.get(type)!);
    if (problem !== null) this.#say(path, problem);
    else if (values !== null && !Object.hasOwn(values, String(value)))
      this.#say(path, `${show(value)} is none of ${Object.keys(values).join(', ')}`);
  }

  /** The caption beside a number is the schema's, but for Other, which the source names. */
  #caption(value: unknown, { name, sibling, values }: AttributeFacts, beside: Members, path: string): void {
    if (sibling === null || values === null || sibling === name || value === 99) return;
    const caption = values[String(value)];
    const found = beside[sibling];
    if (caption !== undefined && found !== undefined && found !== caption)
      this.#say(path, `${show(value)} is ${show(caption)}, but ${sibling} says ${show(found)}`);
  }

  #say(path: string, problem: string): void {
    this.problems.push({ path, problem });
  }
}

/** What is wrong with a value of a basic type, or null. */
function problemOfType(value: unknown, type: DataType): string | null {
  const { name, base, maxLength, pattern, range } = type;
  if (base !== null) {
    const problem = problemOfType(value, OCSF_TYPES.get(base)!);
    if (problem !== null) return problem;
    if (maxLength !== null && (value as string).length > maxLength)
      return `longer than ${maxLength} (${name})`;
    if (pattern !== null && !pattern.test(value as string)) return `${show(value)} is no ${name}`;
    if (range !== null && ((value as number) < range[0] || (value as number) > range[1]))
      return `${show(value)} is not in ${range[0]} … ${range[1]} (${name})`;
    return null;
  }
  switch (name) {
    case 'string_t':
      return typeof value === 'string' ? null : `must be text, not ${show(value)}`;
    case 'integer_t':
    case 'long_t':
      return Number.isSafeInteger(value) ? null : `must be an integer, not ${show(value)}`;
    case 'float_t':
      return typeof value === 'number' && Number.isFinite(value)
        ? null
        : `must be a number, not ${show(value)}`;
    case 'boolean_t':
      return typeof value === 'boolean' ? null : `must be true or false, not ${show(value)}`;
    case 'json_t':
      return null;
    default:
      return `the schema's type ${name} is not known here`;
  }
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
