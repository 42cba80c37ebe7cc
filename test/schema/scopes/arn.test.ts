import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../../schema/actions/csv.ts';
import { formatArn, parseArn } from '../../../schema/scopes/arn.ts';

type Expected = Partial<NonNullable<ReturnType<typeof parseArn>>>;

/** From the pages of the Service Authorization Reference and the services' own guides. */
const ARNS: readonly (readonly [arn: string, expected: Expected])[] = [
  // S3 names neither region nor account
  ['arn:aws:s3:::logs', { type: 'AWS::S3::Bucket', name: 'logs', region: null, account: null, parent: null }],
  [
    'arn:aws:s3:::logs/AWSLogs/2024/a b:c.gz',
    { type: 'AWS::S3::Object', name: 'AWSLogs/2024/a b:c.gz', parent: 'arn:aws:s3:::logs' },
  ],
  // CloudTrail's prefix of all objects
  ['arn:aws:s3:::logs/', { type: 'AWS::S3::Object', name: null, parent: 'arn:aws:s3:::logs' }],
  ['arn:aws:s3:::job/x', { type: 'AWS::S3::Object', name: 'x' }],
  ['arn:aws:s3:::logs/*', { type: 'AWS::S3::Object', name: '*' }],
  [
    'arn:aws:s3:eu-west-1:123456789012:accesspoint/reports',
    { type: 'AWS::S3::AccessPoint', name: 'reports', region: 'eu-west-1', account: '123456789012' },
  ],
  [
    'arn:aws:s3:eu-west-1:123456789012:accesspoint/reports/object/a/b.csv',
    {
      type: 'AWS::S3::Object',
      name: 'a/b.csv',
      parent: 'arn:aws:s3:eu-west-1:123456789012:accesspoint/reports',
    },
  ],
  ['arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', { type: 'AWS::S3::AccessPoint', region: null }],
  [
    'arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01/bucket/b',
    { type: 'AWS::S3Outposts::Bucket', name: 'b' },
  ],
  // IAM paths, and what is AWS's own
  ['arn:aws:iam::123456789012:user/JohnDoe', { type: 'AWS::IAM::User', name: 'JohnDoe', path: '/' }],
  [
    'arn:aws:iam::123456789012:user/division_abc/subdivision_xyz/JaneDoe',
    { type: 'AWS::IAM::User', name: 'JaneDoe', path: '/division_abc/subdivision_xyz/' },
  ],
  [
    'arn:aws:iam::123456789012:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing',
    { type: 'AWS::IAM::Role', name: 'AWSServiceRoleForElasticLoadBalancing' },
  ],
  [
    'arn:aws:iam::aws:policy/job-function/Billing',
    { type: 'AWS::IAM::ManagedPolicy', name: 'Billing', account: null, owner: 'aws', path: '/job-function/' },
  ],
  ['arn:aws:iam::123456789012:root', { kind: 'account', name: 'root', account: '123456789012' }],
  [
    'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com/org',
    { type: 'AWS::IAM::OIDCProvider', name: 'token.actions.githubusercontent.com/org' },
  ],
  ['arn:aws:iam::123456789012:role/*', { type: 'AWS::IAM::Role', name: '*' }],
  // sessions
  [
    'arn:aws:sts::123456789012:assumed-role/Deploy/ci@example.com',
    { type: 'AWS::STS::AssumedRole', name: 'ci@example.com' },
  ],
  ['arn:aws:sts::123456789012:federated-user/Bob', { type: 'sts:federated-user', name: 'Bob' }],
  // names that stand alone, and what hangs on them after a colon
  ['arn:aws:sns:us-east-1:123456789012:alerts', { type: 'AWS::SNS::Topic', name: 'alerts' }],
  [
    'arn:aws:sns:us-east-1:123456789012:alerts:3c31c16b-3d53-48a6-ba54-385a06c29a45',
    {
      type: 'AWS::SNS::Subscription',
      name: '3c31c16b-3d53-48a6-ba54-385a06c29a45',
      parent: 'arn:aws:sns:us-east-1:123456789012:alerts',
    },
  ],
  ['arn:aws:sqs:us-east-1:123456789012:jobs.fifo', { type: 'AWS::SQS::Queue', name: 'jobs.fifo' }],
  [
    'arn:aws:lambda:us-east-1:123456789012:function:resize',
    { type: 'AWS::Lambda::Function', name: 'resize', qualifier: null, parent: null },
  ],
  [
    'arn:aws:lambda:us-east-1:123456789012:function:resize:$LATEST',
    {
      type: 'AWS::Lambda::Function',
      name: 'resize',
      qualifier: '$LATEST',
      parent: 'arn:aws:lambda:us-east-1:123456789012:function:resize',
    },
  ],
  ['arn:aws:lambda:us-east-1:123456789012:layer:tools:3', { name: 'tools', qualifier: '3' }],
  [
    'arn:aws:states:us-east-1:123456789012:execution:Order:run-1',
    { type: 'states:execution', name: 'run-1' },
  ],
  // log groups
  [
    'arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/resize:*',
    {
      type: 'AWS::Logs::LogGroup',
      name: '/aws/lambda/resize',
      parent: 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/resize',
    },
  ],
  [
    'arn:aws:logs:us-east-1:123456789012:log-group:/a/b:log-stream:2024/01/31/[$LATEST]abc',
    { type: 'AWS::Logs::LogStream', name: '2024/01/31/[$LATEST]abc' },
  ],
  // things in things
  ['arn:aws:ecs:us-east-1:123456789012:task/prod/0123abcd', { type: 'ecs:task', name: '0123abcd' }],
  ['arn:aws:ecs:us-east-1:123456789012:service/prod/web', { type: 'AWS::ECS::Service', name: 'web' }],
  [
    'arn:aws:ecs:us-east-1:123456789012:task-definition/web:42',
    { type: 'AWS::ECS::TaskDefinition', name: 'web', qualifier: '42' },
  ],
  [
    'arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/app:1525898737',
    { type: 'AWS::Kinesis::StreamConsumer', name: 'app' },
  ],
  [
    'arn:aws:dynamodb:us-east-1:123456789012:table/Orders/index/byDay',
    { type: 'dynamodb:index', parent: 'arn:aws:dynamodb:us-east-1:123456789012:table/Orders' },
  ],
  [
    'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188',
    { type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', name: 'web' },
  ],
  [
    'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/old',
    { type: 'AWS::ElasticLoadBalancing::LoadBalancer', name: 'old' },
  ],
  [
    'arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0d82bb7b:autoScalingGroupName/web',
    { type: 'AWS::AutoScaling::AutoScalingGroup', name: 'web' },
  ],
  [
    'arn:aws:cloudformation:us-east-1:123456789012:stack/net/466df9e0-0dff-08e3-8e2f-5088487c4896',
    { type: 'AWS::CloudFormation::Stack', name: 'net' },
  ],
  [
    'arn:aws:ecr:us-east-1:123456789012:repository/team/app',
    { type: 'AWS::ECR::Repository', name: 'team/app' },
  ],
  ['arn:aws:ssm:us-east-1:123456789012:parameter/prod/db/url', { name: 'prod/db/url' }],
  ['arn:aws:kms:us-east-1:123456789012:alias/aws/s3', { type: 'AWS::KMS::Alias', name: 'aws/s3' }],
  [
    'arn:aws:rds:us-east-1:123456789012:snapshot:rds:db-2024-01-31-06-00',
    { name: 'rds:db-2024-01-31-06-00' },
  ],
  // API Gateway: a leading slash and no account; and the API itself, called
  [
    'arn:aws:apigateway:us-east-1::/restapis/a123456789/stages/prod',
    {
      type: 'AWS::ApiGateway::Stage',
      name: 'prod',
      account: null,
      parent: 'arn:aws:apigateway:us-east-1::/restapis/a123456789',
    },
  ],
  [
    'arn:aws:execute-api:us-east-1:123456789012:a123456789/prod/GET/pets',
    { type: 'execute-api', name: 'a123456789', qualifier: 'prod/GET/pets' },
  ],
  // organisations
  [
    'arn:aws:organizations::111122223333:account/o-exampleorgid/123456789012',
    { kind: 'account', org: 'o-exampleorgid', account: '123456789012', owner: '111122223333' },
  ],
  [
    'arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-examplerootid111-exampleouid111',
    { kind: 'folder', org: 'o-exampleorgid', name: 'ou-examplerootid111-exampleouid111' },
  ],
  [
    'arn:aws:organizations::111122223333:organization/o-exampleorgid',
    { kind: 'organization', org: 'o-exampleorgid', name: 'o-exampleorgid' },
  ],
  // a service that is in no table
  ['arn:aws:newthing:us-east-1:123456789012:widget/a/b', { type: 'newthing:widget', name: 'b' }],
  ['arn:aws:newthing:us-east-1:123456789012:alone', { type: 'newthing', name: 'alone' }],
];

describe('an ARN', () => {
  test.each(ARNS)('%s', (arn, expected) => {
    expect(parseArn(arn)).toMatchObject({ cloud: 'aws', id: arn, ...expected });
  });

  test.each(['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f'])(
    'of partition %s',
    (partition) => {
      const arn = `arn:${partition}:ec2:region-1:123456789012:instance/i-0123456789abcdef0`;
      expect(parseArn(arn)).toMatchObject({ partition, type: 'AWS::EC2::Instance', account: '123456789012' });
    },
  );

  test.each([
    null,
    '',
    'arn',
    'arn:aws:s3',
    'arn:aws:s3:::',
    'arn:aws::us-east-1:123456789012:x',
    'arn:other:s3:::b',
    'ARN:aws:s3:::b',
    'urn:aws:s3:::b',
    ' arn:aws:s3:::b',
  ])('is not %j', (text) => expect(parseArn(text)).toBeNull());

  test('is no longer than AWS lets it be', () => {
    expect(parseArn(`arn:aws:s3:::${'k'.repeat(3000)}`)).toBeNull();
  });

  test('put together again is the same text', () => {
    for (const [arn] of ARNS) expect(formatArn(parseArn(arn)!)).toBe(arn);
  });
});

const arnish = fc
  .tuple(
    fc.constantFrom('aws', 'aws-cn', 'aws-us-gov', 'aws-iso-b', '*'),
    fc.constantFrom('s3', 'iam', 'sts', 'lambda', 'logs', 'ec2', 'sns', 'dynamodb', 'organizations', 'x-y'),
    fc.constantFrom('', 'us-east-1', '*'),
    fc.constantFrom('', '123456789012', 'aws', '*', 'cloudfront'),
    fc.oneof(
      fc.string({ minLength: 1 }),
      fc
        .array(fc.constantFrom('function', 'role', 'table', 'log-group', 'a', '*', ':', '/', ''), {
          minLength: 1,
        })
        .map((parts) => parts.join('/'))
        .filter((text) => text !== ''),
    ),
  )
  .map(([partition, service, region, owner, resource]) => ({ partition, service, region, owner, resource }));

describe('whatever the text', () => {
  test('what parses is written as it came', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `arn:${text}`),
        ),
        (text) => {
          const arn = parseArn(text);
          if (arn !== null) expect(formatArn(arn)).toBe(text);
        },
      ),
    );
  });

  test('parts put together come apart the same, and every text it gives was there before', () => {
    fc.assert(
      fc.property(arnish, (parts) => {
        const text = formatArn(parts);
        const arn = parseArn(text);
        expect(arn).toMatchObject({ ...parts, region: parts.region || null });
        expect(text).toContain(arn!.name ?? '');
        expect(text).toContain(arn!.qualifier ?? '');
        expect(text).toContain(arn!.path ?? '');
        expect(text.startsWith(arn!.parent ?? '')).toBe(true);
        expect(text).toContain(arn!.account ?? '');
      }),
      { numRuns: 1000 },
    );
  });

  test('takes no long time', () => {
    const started = performance.now();
    for (const unit of [
      'a/',
      'a:',
      '/',
      ':',
      'table/a/index/',
      'buckets/a/objects/',
      'log-group:a:log-stream:',
    ]) {
      for (const service of ['iam', 'sts', 'logs', 's3', 'autoscaling', 'ecs', 'wafv2']) {
        parseArn(`arn:aws:${service}::123456789012:role/${unit.repeat(2000 / unit.length)}!`);
      }
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('the table of types', () => {
  const url = new URL('../../../schema/scopes/arn-types.csv', import.meta.url);
  const rows = parseCsv(readFileSync(url, 'utf8')).slice(1);

  test('has every form once, in the order of the services', () => {
    const forms = rows.map(([service, resource]) => `${service} ${resource}`);
    expect(forms.filter((form, index) => forms.indexOf(form) !== index)).toEqual([]);
    const services = rows.map(([service]) => service!);
    expect(services).toEqual([...services].sort());
  });

  test('names types as CloudFormation or the tagging API does, and kinds there are', () => {
    for (const [service, , type, kind] of rows) {
      expect(type).toMatch(/^(?:|AWS::\w+::\w+|[a-z0-9-]+:[\w-]+)$/);
      if (type!.includes(':') && !type!.startsWith('AWS')) expect(type!.split(':')[0]).toBe(service);
      expect(['', 'account', 'folder', 'organization']).toContain(kind);
    }
  });

  test('each form fits an ARN made by it', () => {
    for (const [service, resource, type] of rows) {
      const made = resource!
        .replace('|', '')
        .replaceAll('{path}', 'a/')
        .replaceAll(/\{\w*[/*]?\}/g, 'x1');
      const place = service === 's3:::' ? 's3:::' : `${service}:us-east-1:123456789012:`;
      if (type !== '') expect(parseArn(`arn:aws:${place}${made}`)).toMatchObject({ type });
    }
  });
});
