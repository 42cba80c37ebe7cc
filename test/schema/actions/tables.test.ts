import { describe, expect, test } from 'vitest';
import { foldOperation, LONGEST_NAME, VENDORS } from '../../../schema/actions/fold.ts';
import { type Action, actionIndexes, allActions } from '../../../schema/actions/table.ts';
import { actionVerbs } from '../../../schema/actions/verbs.ts';
import ocsf from '../../../schema/ocsf-classes.json' with { type: 'json' };
import { rowsOf } from './read-table.ts';

const actions = allActions();
const operations = VENDORS.flatMap((vendor) =>
  actions.flatMap((action) => action.operations[vendor].map((name) => ({ vendor, name, action }))),
);
const say = ({ action, file }: Action): string => `${file}: ${action}`;

describe('the action tables', () => {
  test('hold at least 600 actions, 250 of them for two clouds or more', () => {
    const severalClouds = actions.filter(({ operations: { aws, azure, entra, gcp } }) => {
      const clouds = [aws.length > 0, azure.length + entra.length > 0, gcp.length > 0];
      return clouds.filter(Boolean).length >= 2;
    });
    expect(actions.length).toBeGreaterThanOrEqual(600);
    expect(severalClouds.length).toBeGreaterThanOrEqual(250);
  });

  test('name every action once, as domain.object.verb in snake_case', () => {
    const names = actions.map(({ action }) => action);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    expect(
      names.filter((name) => !/^[a-z0-9]+(_[a-z0-9]+)*(\.[a-z0-9]+(_[a-z0-9]+)*){2}$/.test(name)),
    ).toEqual([]);
  });

  test('take every verb from the closed list', () => {
    const { closed } = actionVerbs();
    expect(actions.filter(({ action }) => !closed.has(action.split('.')[2]!)).map(say)).toEqual([]);
  });

  test('give every operation to one action only', () => {
    const owners = new Map<string, string>();
    const twice = operations.filter(({ vendor, name, action }) => {
      const key = `${vendor} ${foldOperation(vendor, name)}`;
      const owner = owners.get(key);
      owners.set(key, action.action);
      return owner !== undefined && owner !== action.action;
    });
    expect(twice.map(({ vendor, name }) => `${vendor} ${name}`)).toEqual([]);
  });

  test('hold exact names: no wildcard, no stray space, none too long to be looked up', () => {
    const odd = operations.filter(
      ({ name }) => /[*?%]/.test(name) || name !== name.trim() || name.length > LONGEST_NAME,
    );
    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  test('write names in their vendor’s form', () => {
    const forms = {
      aws: /^[a-z0-9-]+:\w+$/,
      azure: /^[^A-Z]+$/,
      entra: /^[^A-Z]+$/,
      gcp: /^([\w.-]+#)?[\w./-]+$/,
      k8s: /^[a-z]+ [a-z/]+$/,
      linux: /^[a-z0-9_]+:[a-z_]+$/,
    };
    const odd = operations.filter(({ vendor, name }) => !forms[vendor].test(name));
    expect(odd.map(({ vendor, name }) => `${vendor} ${name}`)).toEqual([]);
  });

  test('leave no action without an operation or a title', () => {
    const empty = actions.filter((action) =>
      VENDORS.every((vendor) => action.operations[vendor].length === 0),
    );
    expect(empty.map(say)).toEqual([]);
    expect(actions.filter(({ title }) => !/^\S.*\S$/.test(title)).map(say)).toEqual([]);
  });

  test('say read, write or auth', () => {
    expect(actions.filter(({ access }) => !['read', 'write', 'auth'].includes(access)).map(say)).toEqual([]);
  });

  test('name OCSF classes, and activities of those classes', () => {
    const classes = ocsf.classes as Record<string, { activities: Record<string, string> }>;
    const unknown = actions.filter(
      (action) => !Object.values(classes[action.class]?.activities ?? {}).includes(action.activity),
    );
    expect(unknown.map((action) => `${say(action)}: ${action.class} / ${action.activity}`)).toEqual([]);
  });

  test('use none of the classes OCSF has deprecated', () => {
    const deprecated = Object.entries(ocsf.classes).filter(([, value]) => 'deprecated' in value);
    const names = new Set(deprecated.map(([name]) => name));
    expect(actions.filter((action) => names.has(action.class)).map(say)).toEqual([]);
  });

  test('write ATT&CK techniques as MITRE does', () => {
    const odd = actions.filter(({ attack }) => attack.some((id) => !/^T\d{4}(\.\d{3})?$/.test(id)));
    expect(odd.map(say)).toEqual([]);
  });

  test.each([
    ...['iam', 'signin', 'logging', 'monitoring', 'detection', 'network', 'storage', 'kms', 'secrets'],
    ...['compute', 'serverless', 'container', 'k8s', 'database', 'org', 'backup', 'billing', 'marketplace'],
    ...['messaging', 'data', 'deploy', 'directory', 'ai', 'host'],
  ])('cover %s', (domain) => {
    expect(actions.some(({ action }) => action.startsWith(`${domain}.`))).toBe(true);
  });

  test('are indexed whole', () => {
    const indexes = actionIndexes();
    const lost = operations.filter(
      ({ vendor, name, action }) => indexes[vendor].get(foldOperation(vendor, name)) !== action,
    );
    expect(lost).toEqual([]);
  });
});

describe('the closed list of verbs', () => {
  test('knows the access and OCSF activity of each', () => {
    for (const { access, activity } of actionVerbs().closed.values()) {
      expect([null, 'read', 'write', 'auth']).toContain(access);
      expect(Object.values(ocsf.classes['API Activity'].activities)).toContain(activity);
    }
  });

  test('reads no word as two verbs', () => {
    const rows = rowsOf('../../../schema/actions/rules/verbs.csv', ['verb', 'access', 'activity', 'words']);
    const words = rows.flatMap((row) => row.words.split('|')).filter((word) => word !== '');
    expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([]);
  });

  test('reads each verb’s own word as that verb', () => {
    const { closed, byWord } = actionVerbs();
    const astray = [...closed.keys()].filter((verb) => verb !== 'other' && byWord.get(verb)?.verb !== verb);
    expect(astray).toEqual([]);
  });
});
