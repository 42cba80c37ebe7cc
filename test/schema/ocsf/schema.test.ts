import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { connectors } from '../../../connectors/registry.ts';
import { EVENT_COLUMNS, FLOW_COLUMNS } from '../../../schema/columns.ts';
import { CLASS_RULES } from '../../../schema/ocsf/class-rules.ts';
import { generateSchema } from '../../../schema/ocsf/generate.ts';
import { EVENT_RULES, FLOW_RULES } from '../../../schema/ocsf/mapping.ts';
import { attributeAt, OCSF_CLASSES, OCSF_OBJECTS, OCSF_VERSION } from '../../../schema/ocsf/model.ts';
import { PRODUCTS } from '../../../schema/ocsf/products.ts';
import classes from '../../../schema/ocsf-classes.json' with { type: 'json' };

const repository = new URL('../../../../shared/ocsf/', import.meta.url);

test.skipIf(!existsSync(repository))(
  'the stored schema is what the generator makes of the repository',
  () => {
    const stored = readFileSync(new URL('../../../schema/ocsf/schema.json', import.meta.url), 'utf8');
    expect(generateSchema(fileURLToPath(repository))).toBe(stored);
  },
);

describe('the stored schema', () => {
  test('has the numbers and activities of the vocabulary’s classes', () => {
    expect(OCSF_VERSION).toBe(classes.version);
    for (const [caption, { uid, categoryUid, categoryName, name, attributes }] of OCSF_CLASSES) {
      const known = classes.classes[caption as keyof typeof classes.classes];
      expect({ uid, categoryUid, categoryName, name }).toEqual({
        uid: known.uid,
        categoryUid: known.category_uid,
        categoryName: known.category,
        name: known.name,
      });
      expect(attributes.get('activity_id')!.values).toEqual(known.activities);
    }
  });

  test('names no object it does not hold, and carries no descriptions', () => {
    for (const { attributes } of [...OCSF_CLASSES.values(), ...OCSF_OBJECTS.values()]) {
      for (const { type } of attributes.values()) {
        expect(type.endsWith('_t') || OCSF_OBJECTS.has(type), type).toBe(true);
      }
    }
  });

  test('reads flags, arrays, closed values, profiles and constraints', () => {
    const api = OCSF_CLASSES.get('API Activity')!;
    expect(api.attributes.get('actor')).toMatchObject({
      requirement: 'required',
      profile: null,
      array: false,
    });
    expect(api.attributes.get('resources')).toMatchObject({ requirement: 'recommended', array: true });
    expect(api.attributes.get('cloud')).toMatchObject({ requirement: 'required', profile: 'cloud' });
    expect(OCSF_CLASSES.get('Authentication')!.atLeastOne).toEqual(['service', 'dst_endpoint']);
    expect(attributeAt(api, 'actor.user.type_id')!.values!['2']).toBe('Admin');
    expect(attributeAt(api, 'actor.user.credential_uid')).toMatchObject({ deprecated: true });
    expect(attributeAt(api, 'resources.uid')).toBeUndefined();
    expect(attributeAt(api, 'resources[].uid')).toMatchObject({ type: 'resource_uid_t' });
    expect(attributeAt(api, 'actor.user.no_such')).toBeUndefined();
  });
});

describe('the column catalogue', () => {
  const columns = [...EVENT_COLUMNS, ...FLOW_COLUMNS];
  const paths = columns.flatMap(({ name, ocsf }) =>
    (ocsf ?? '').split(' or ').map((path) => [name, path] as const),
  );

  test.each(paths.filter(([, path]) => path !== ''))(
    '%s: %s is a path of the schema, and not deprecated',
    (_, path) => {
      const found = [...OCSF_CLASSES.values()]
        .map((one) => attributeAt(one, path))
        .filter((one) => one !== undefined);
      expect(found).not.toEqual([]);
      expect(found.every(({ deprecated }) => !deprecated)).toBe(true);
    },
  );

  test('says of every column what is rendered from it', () => {
    const rendered = new Set([...EVENT_RULES, ...FLOW_RULES].map(({ path }) => path));
    // Written from the class, or as one list.
    const whole = /^(class_name|class_uid|activity_name|type_uid|resources\[.*)$/;
    const beside = (path: string) => rendered.has(path) || rendered.has(`${path}_id`);
    const untrue = columns.filter(
      ({ ocsf }) => ocsf !== null && !ocsf.split(' or ').every((path) => whole.test(path) || beside(path)),
    );
    expect(untrue).toEqual([]);
  });
});

describe('the rules', () => {
  test('name attributes that exist and are not deprecated', () => {
    for (const [className, { rules }] of Object.entries(CLASS_RULES)) {
      for (const { path } of rules) {
        expect(attributeAt(OCSF_CLASSES.get(className)!, path), `${className} ${path}`).toMatchObject({
          deprecated: false,
        });
      }
    }
    for (const { path } of [...EVENT_RULES, ...FLOW_RULES]) {
      const found = [...OCSF_CLASSES.values()]
        .map((one) => attributeAt(one, path))
        .find((one) => one !== undefined);
      expect(found, path).toMatchObject({ deprecated: false });
    }
  });

  test('cover every class, and every source has its product', () => {
    expect(Object.keys(CLASS_RULES).sort()).toEqual([...OCSF_CLASSES.keys()].sort());
    expect(connectors.map(({ id }) => id).filter((id) => PRODUCTS[id] === undefined)).toEqual([]);
  });
});
