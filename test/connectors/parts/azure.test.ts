import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fields, openedDeep } from '../../../connectors/parts/azure-fields.ts';
import { within } from '../../../connectors/parts/azure-locator.ts';
import { isResourceId, parseResourceId } from '../../../connectors/parts/azure-resource-id.ts';
import {
  errorOf,
  reasonOf,
  resultWord,
  severityOf,
  statusOf,
} from '../../../connectors/parts/azure-result.ts';
import { azureTime } from '../../../connectors/parts/azure-time.ts';

describe('fields', () => {
  test.each(['resourceId', 'ResourceId', 'resourceid', 'RESOURCEID', '_ResourceId', 'resource_id'])(
    '%s is one name',
    (written) => expect(new Fields({ [written]: '/x' }).text('resourceId')).toBe('/x'),
  );

  test('a name spelt exactly wins, and an empty one never does', () => {
    expect(new Fields({ Level: 5, level: 'Informational' }).text('level')).toBe('Informational');
    expect(new Fields({ level: '', Level: 5 }).text('level')).toBe('5');
    expect(new Fields({ level: '<null>', Level: null }).text('level')).toBeNull();
  });

  test('objects and arrays may be text', () => {
    const fields = new Fields({ a: '{"b":[1]}', list: ' [1,2]', broken: '{"a":', plain: 'x' });
    expect(fields.fields('a').list('b')).toEqual([1]);
    expect(fields.list('list')).toEqual([1, 2]);
    expect(fields.fields('broken').isEmpty).toBe(true);
    expect(fields.json('broken')).toBe('{"a":');
    expect(fields.fields('plain', 'a').get('b')).toEqual([1]);
  });

  test('labels', () => {
    expect(new Fields({ status: { value: 'Failed', localizedValue: 'Nicht OK' } }).label('status')).toBe(
      'Failed',
    );
    expect(new Fields({ status: { Value: 'Failed' } }).label('status')).toBe('Failed');
    expect(new Fields({ status: 'Failed' }).label('status')).toBe('Failed');
    expect(new Fields({ status: { value: '' } }).label('status')).toBeNull();
  });

  test('JSON in JSON is opened all the way, and what holds none is left as it is', () => {
    expect(openedDeep({ a: '{"b":"[1]"}' })).toEqual({ a: { b: [1] } });
    const plain = { a: [1, { b: 'x' }] };
    expect(openedDeep(plain)).toBe(plain);
    expect(Object.keys(openedDeep(JSON.parse('{"__proto__":"[1]","a":"[2]"}')) as object)).toEqual([
      '__proto__',
      'a',
    ]);
  });

  test('anything at all is read without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, name) => {
        const fields = new Fields(value);
        fields.get(name);
        fields.label(name);
        fields.fields(name).list(name);
        openedDeep(value);
      }),
    );
  });
});

describe('resource ids', () => {
  test('are taken apart once', () => {
    const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v';
    const parsed = parseResourceId(id);
    expect(parsed).toMatchObject({ subscription: 's', type: 'Microsoft.Compute/virtualMachines', name: 'v' });
    expect(parseResourceId(id)).toBe(parsed);
    expect(parseResourceId('/RESOURCE_ID')).toBeNull();
    expect(parseResourceId(null)).toBeNull();
  });

  test('what is one', () => {
    expect(isResourceId('/Subscriptions/x')).toBe(true);
    expect(isResourceId('/subscriptions/')).toBe(false);
    expect(isResourceId('/home/x')).toBe(false);
    expect(isResourceId(7)).toBe(false);
  });
});

describe('results', () => {
  test.each([
    ['Success', 'success'],
    ['Succeeded.', 'success'],
    ['0', 'success'],
    ['204', 'success'],
    ['Failed.Conflict', 'failure'],
    ['Canceled', 'failure'],
    ['7000215', 'failure'],
    ['Started.', 'started'],
    ['Accepted.Accepted', 'started'],
    ['Active', null],
    ['Resolved', null],
    ['constructor', null],
    [null, null],
  ])('%s', (word, status) => expect(statusOf(word)).toBe(status));

  test('a result has one word in every delivery', () => {
    expect(resultWord('Start')).toBe(resultWord('Started'));
    expect(resultWord('Success')).toBe(resultWord('Succeeded'));
    expect(resultWord('Failure')).toBe(resultWord('Failed'));
    expect(resultWord('Accept')).toBe(resultWord('Accepted'));
  });

  test.each([
    ['Failed.Forbidden', 'Forbidden'],
    ['Forbidden', 'Forbidden'],
    ['Failed.', null],
    ['Failure', null],
    ['409', '409'],
    ['200', null],
    ['-1', null],
    [null, null],
  ])('why: %s', (signature, reason) => expect(reasonOf(signature)).toBe(reason));

  test('errors', () => {
    expect(errorOf('{"error":{"code":"C","message":"M"}}')).toEqual({ code: 'C', message: 'M' });
    expect(errorOf({ Code: 'C', Message: 'M' })).toEqual({ code: 'C', message: 'M' });
    expect(errorOf('plain words')).toEqual({ code: null, message: 'plain words' });
    expect(errorOf(undefined)).toEqual({ code: null, message: null });
  });

  test('severities', () => {
    expect(['Critical', 'Error', 'Warning', 'Information', '4', 'odd', null].map(severityOf)).toEqual([
      'Critical',
      'High',
      'Medium',
      'Informational',
      'Informational',
      null,
      null,
    ]);
  });
});

describe('times', () => {
  const expected = Date.UTC(2024, 2, 5, 8, 0, 12) * 1000;
  test.each([
    '2024-03-05T08:00:12Z',
    '2024-03-05T08:00:12.0000000Z',
    '2024-03-05T08:00:12+00:00',
    '2024-03-05T10:00:12+02:00',
    '2024-03-05 08:00:12.000000000',
    '2024-03-05 08:00:12',
    '3/5/2024 8:00:12 AM',
    'Tue, 05 Mar 2024 08:00:12 GMT',
    '/Date(1709625612000)/',
    '1709625612',
    1709625612,
    1709625612000,
  ])('%s', (written) => expect(azureTime(written)).toBe(expected));

  test.each(['', 'yesterday', '12', 12, null, {}, '/Date(x)/', '2024-13-05T08:00:12Z'])(
    '%s is none',
    (written) => expect(azureTime(written)).toBeNull(),
  );
});

test('a part of a record keeps the mark that its text is not exact', () => {
  expect(within('bytes=0-9', '/a/0')).toBe('bytes=0-9;pointer=/a/0');
  expect(within('bytes=0-9', '/a/0', true)).toBe('bytes=0-9;pointer=/a/0;rebuilt');
  expect(within('bytes=0-9;rebuilt', '/a/0')).toBe('bytes=0-9;pointer=/a/0;rebuilt');
});
