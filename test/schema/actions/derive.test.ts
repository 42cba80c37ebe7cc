import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveAction } from '../../../schema/actions/derive.ts';
import { actionVerbs } from '../../../schema/actions/verbs.ts';
import { wordsOf } from '../../../schema/actions/words.ts';

const SOURCES = [
  ...['aws.cloudtrail', 'aws.ssmsession', 'azure.activity', 'azure.audit', 'azure.signin', 'gcp.audit'],
  ...['k8s.audit', 'linux.auth', 'generic.json', 'generic.text', '', '!'],
];

describe('an action by rule', () => {
  test.each([
    [
      'aws.cloudtrail',
      'ec2.amazonaws.com',
      'DescribeFooInstances',
      'ec2.foo_instances.describe',
      'read',
      'Read',
    ],
    ['aws.cloudtrail', 'foo.amazonaws.com.cn', 'PutBar', 'foo.bar.put', 'write', 'Update'],
    ['aws.cloudtrail', 'lambda.amazonaws.com', 'FrobFoo20150331v2', 'lambda.frob_foo.other', null, 'Other'],
    ['aws.cloudtrail', 'foo.amazonaws.com', 'InvokeFoo', 'foo.foo.execute', 'write', 'Other'],
    [
      'azure.activity',
      'Microsoft.Foo',
      'Microsoft.Foo/bars/baz/write',
      'foo.bars_baz.write',
      'write',
      'Update',
    ],
    [
      'azure.activity',
      'Microsoft.Foo',
      'MICROSOFT.FOO/BARS/BAZ/WRITE',
      'foo.bars_baz.write',
      'write',
      'Update',
    ],
    [
      'azure.activity',
      'Microsoft.Foo',
      'Microsoft.Foo/bars/restart/action',
      'foo.bars.restart',
      'write',
      'Update',
    ],
    [
      'azure.activity',
      'Microsoft.Foo',
      'Microsoft.Foo/bars/listKeys/action',
      'foo.bars.list',
      'read',
      'Read',
    ],
    ['azure.audit', 'Core Directory', 'Add foo to bar', 'entra.foo_to_bar.add', 'write', 'Update'],
    [
      'gcp.audit',
      'compute.googleapis.com',
      'v1.compute.foos.insert',
      'compute.foos.create',
      'write',
      'Create',
    ],
    [
      ...(['gcp.audit', 'foo.googleapis.com', 'google.cloud.foo.v1beta2.FooService.GetBar'] as const),
      ...(['foo.bar.get', 'read', 'Read'] as const),
    ],
    ['gcp.audit', '', 'google.cloud.foo.v1.Foos.CreateBar', 'foo.bar.create', 'write', 'Create'],
    [
      'gcp.audit',
      'k8s.io',
      'io.k8s.core.v1.widgets.status.patch',
      'k8s.widgets_status.update',
      'write',
      'Update',
    ],
    ['k8s.audit', '', 'create widgets/status', 'k8s.widgets_status.create', 'write', 'Create'],
    ['linux.auth', 'foo', 'foo:widget_removed', 'host.foo_widget.remove', 'write', null],
    ['linux.auth', 'chronyd', 'chronyd:message', 'host.chronyd.notify', 'write', null],
    ['linux.auth', '', 'syslog:repeated', 'host.syslog.notify', 'write', null],
    ['linux.auth', 'sshd', 'sshd:error', 'host.sshd.fail', 'write', null],
    ['linux.auth', 'write', 'write:odd', 'host.write_odd.other', null, null],
    ['generic.text', '', 'GET', 'web.request.get', 'read', 'Read'],
    ['generic.text', '', 'post', 'web.request.write', 'write', 'Update'],
    ['generic.json', '', 'OPTIONS', 'web.request.other', null, 'Other'],
    ['generic.text', 's3', 'REST.GET.OBJECT', 's3.object.get', 'read', 'Read'],
    ['generic.text', '', '', 'generic_text.record.other', null, 'Other'],
    ['generic.json', '', '', 'generic_json.record.other', null, 'Other'],
    ['generic.json', '', '日本語', 'generic_json.api.other', null, 'Other'],
  ] as const)('%s %s %s is %s', (source, service, operation, action, access, activity) => {
    expect(deriveAction(source, service, operation)).toMatchObject({
      action,
      access,
      activity,
      derived: true,
    });
  });

  test('whatever a sign-in log calls it, it is somebody signing in', () => {
    expect(deriveAction('azure.signin', '', 'Frobnicate')).toMatchObject({
      access: 'auth',
      class: 'Authentication',
    });
  });

  test('any text gives domain.object.verb, at most 120 characters, with a verb of the closed list', () => {
    const { closed } = actionVerbs();
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('aB', '/', '.', 'io.k8s.v1') }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...SOURCES), text, text, (source, service, operation) => {
        const { action } = deriveAction(source, service, operation);
        expect(action).toMatch(/^[a-z0-9_]+(\.[a-z0-9_]+){2}$/);
        expect(action.length).toBeLessThanOrEqual(120);
        expect(closed.has(action.split('.')[2]!)).toBe(true);
        expect(deriveAction(source, service, operation).action).toBe(action);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['.', 'v1', 'A', 'aB', '/', ' ', 'io.k8s.v1', '20'])(
    'a megabyte of %j takes no time',
    (piece) => {
      const name = piece.repeat(1_000_000 / piece.length);
      const start = performance.now();
      for (const source of SOURCES) deriveAction(source, name, name);
      expect(performance.now() - start).toBeLessThan(500);
    },
  );
});

describe('words of a name', () => {
  test.each([
    ['DescribeDBInstances', ['describe', 'db', 'instances']],
    ['virtualMachines', ['virtual', 'machines']],
    ['GetSAMLProvider', ['get', 'saml', 'provider']],
    ['EC2Instance2Foo', ['ec2', 'instance2', 'foo']],
    ['__a--b__', ['a', 'b']],
    ['', []],
  ])('%s', (name, words) => {
    expect(wordsOf(name)).toEqual(words);
  });
});
