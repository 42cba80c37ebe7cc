import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readEnvironment, VARIABLES } from '../../functions/environment.ts';
import { FUNCTIONS, functionNamed, WAKE_DELAY_SECONDS, WAKE_WINDOW_SECONDS } from '../../functions/list.ts';
import { METRICS } from '../../functions/metrics.ts';

describe('the list of functions', () => {
  test('the executor may do nothing and is told nothing', () => {
    const { may, environment } = functionNamed('execute');
    expect([may, environment]).toEqual([[], []]);
  });

  test('who opens a lake is told which, and has a folder of its own', () => {
    for (const { name, may, environment } of FUNCTIONS)
      if (may.includes('vault:read'))
        expect([name, ...environment]).toEqual(expect.arrayContaining(['AKASHI_LAKE', 'AKASHI_HOME']));
  });

  test('only who signs knows the key', () => {
    for (const { may, environment } of FUNCTIONS)
      expect(environment.includes('AKASHI_SIGNING_KEY')).toBe(may.includes('ledger-key:sign'));
  });

  test('a wake-up is held back until no other can be taken for it', () => {
    expect(WAKE_WINDOW_SECONDS).toBeLessThanOrEqual(WAKE_DELAY_SECONDS);
  });

  test('whoever wakes the sealer knows how long a wake-up is held back', () => {
    for (const { environment } of FUNCTIONS)
      expect(environment.includes('AKASHI_WAKE_SECONDS')).toBe(environment.includes('AKASHI_WAKE_QUEUE'));
  });

  test('metrics come from functions that exist', () => {
    const names = new Set<string>(FUNCTIONS.map(({ name }) => name));
    for (const { from } of Object.values(METRICS)) for (const name of from) expect(names).toContain(name);
  });
});

describe('environment', () => {
  test('every variable says what it means', () => {
    for (const { help } of VARIABLES) expect(help.length).toBeGreaterThan(10);
  });

  test('connectors come by queue', () => {
    const arn = 'arn:aws:sqs:eu-west-1:123456789012:trail';
    const entry = { connector: 'aws.cloudtrail', delivery: 'queue', buckets: ['example-trail'] };
    const read = readEnvironment(['AKASHI_OBJECT_CONNECTORS'], {
      AKASHI_OBJECT_CONNECTORS: JSON.stringify({ [arn]: entry }),
    });
    expect(read.AKASHI_OBJECT_CONNECTORS).toEqual({ [arn]: entry });
  });

  test('all that is wrong is told at once, with value, rule and way out', () => {
    const read = () =>
      readEnvironment(
        ['AKASHI_LAKE', 'AKASHI_SIGNING_KEY', 'AKASHI_OBJECT_CONNECTORS', 'AKASHI_EXPIRE_DAYS'],
        {
          AKASHI_SIGNING_KEY: 'arn:aws:kms:eu-west-1:123456789012:key/1',
          AKASHI_OBJECT_CONNECTORS: '{"trail": {"connector": "aws.cloudtrail"}}',
          AKASHI_EXPIRE_DAYS: '0.5',
        },
      );
    expect(read).toThrow(/AKASHI_LAKE is not set.*docs\/s3\.md/);
    expect(read).toThrow(/AKASHI_SIGNING_KEY is "arn:aws:kms.*must be kms:/);
    expect(read).toThrow(/AKASHI_OBJECT_CONNECTORS is .*trail.*must be the ARN of an SQS queue/);
    expect(read).toThrow(/AKASHI_EXPIRE_DAYS is "0.5"/);
  });

  test('what is optional may be left out or empty', () => {
    expect(readEnvironment(['AKASHI_TSA'], { AKASHI_TSA: '' })).toEqual({ AKASHI_TSA: undefined });
  });
});

test('README.md says of every function what the list says', () => {
  const text = readFileSync(new URL('../../functions/README.md', import.meta.url), 'utf8');
  for (const { name, memoryMegabytes, timeoutSeconds } of FUNCTIONS)
    expect(text).toMatch(
      new RegExp(`\\| \`${name}\` \\|[^|]+\\| ${memoryMegabytes} \\| ${timeoutSeconds} \\|`),
    );
});
