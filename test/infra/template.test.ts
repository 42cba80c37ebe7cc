import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { priceOf } from '../../cost/prices.ts';
import { ASSUMED } from '../../cost/quantities.ts';
import { FUNCTIONS } from '../../functions/list.ts';
import { METRICS } from '../../functions/metrics.ts';
import { actionsOf, allStatements, ofType, type Resource, textOf } from './policies.ts';
import { EXAMPLE, LEAST, synthesised, TRIAL } from './synthesised.ts';

const cases = {
  example: synthesised(EXAMPLE),
  least: synthesised(LEAST),
  trial: synthesised(TRIAL),
  'without an account': synthesised({ ...LEAST }, null),
};
const example = cases.example.template;

test.each(Object.entries(cases))('%s: cdk-nag has nothing to say that was not answered', (_, { app }) => {
  expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
});

test.each(Object.entries(cases))(
  '%s: buckets, queues and topics are spoken to by TLS alone',
  (_, { template }) => {
    for (const [type, policy] of [
      ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'],
      ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy'],
      ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy'],
    ] as const) {
      const refusing = ofType(template, policy).filter(([, { Properties }]) =>
        textOf(Properties).includes('"aws:SecureTransport":"false"'),
      );
      expect(refusing.length, type).toBe(ofType(template, type).length);
    }
  },
);

test.each(Object.entries(cases))('%s: everything is encrypted, and nothing is public', (_, { template }) => {
  for (const [, { Properties }] of ofType(template, 'AWS::S3::Bucket')) {
    expect(textOf(Properties['BucketEncryption'])).toMatch(/aws:kms|AES256/);
    expect(Properties['PublicAccessBlockConfiguration']).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  }
  for (const [, { Properties }] of ofType(template, 'AWS::SQS::Queue'))
    expect(Properties['SqsManagedSseEnabled']).toBe(true);
  for (const [, { Properties }] of ofType(template, 'AWS::SNS::Topic'))
    expect(Properties).toHaveProperty('KmsMasterKeyId');
  for (const [, { Properties }] of ofType(template, 'AWS::Logs::LogGroup'))
    expect(Properties).toHaveProperty('KmsKeyId');
});

test('every queue has dead letters or is where they go, and every function that nobody waits for too', () => {
  const queues = ofType(example, 'AWS::SQS::Queue');
  const targets = textOf(queues.map(([, { Properties }]) => Properties['RedrivePolicy']));
  for (const [id, { Properties }] of queues)
    expect('RedrivePolicy' in Properties || targets.includes(id), id).toBe(true);
  const asynchronous = FUNCTIONS.filter(
    ({ triggers, name }) => name === 'export' || triggers.some(({ kind }) => kind.endsWith('schedule')),
  );
  const kept = ofType(example, 'AWS::Lambda::EventInvokeConfig').filter(([, { Properties }]) =>
    textOf(Properties).includes('OnFailure'),
  );
  expect(kept).toHaveLength(asynchronous.length);
  for (const [, { Properties }] of ofType(example, 'AWS::Scheduler::Schedule'))
    expect(Properties['Target'] as object).toHaveProperty('DeadLetterConfig');
});

test('functions are as functions/list.ts has them, on Node 24 and arm64', () => {
  const made = new Map(
    ofType(example, 'AWS::Lambda::Function').map(([, { Properties }]) => [
      Properties['FunctionName'],
      Properties,
    ]),
  );
  expect([...made.keys()].sort()).toEqual(FUNCTIONS.map(({ name }) => `akashi-${name}`).sort());
  for (const { name, memoryMegabytes, timeoutSeconds, scratchMegabytes, duckdb } of FUNCTIONS) {
    const properties = made.get(`akashi-${name}`)!;
    expect(properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: memoryMegabytes,
      Timeout: timeoutSeconds,
      EphemeralStorage: { Size: scratchMegabytes },
    });
    expect('Layers' in properties, name).toBe(duckdb);
  }
});

test('every function has the environment it needs', async () => {
  const { VARIABLES } = await import('../../functions/environment.ts');
  const needed = new Set(VARIABLES.filter(({ optional }) => !optional).map(({ name }) => name));
  for (const [, { Properties }] of ofType(example, 'AWS::Lambda::Function')) {
    const { environment } = FUNCTIONS.find(({ name }) => `akashi-${name}` === Properties['FunctionName'])!;
    const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: object };
    for (const name of environment) if (needed.has(name)) expect(Variables, name).toHaveProperty(name);
  }
});

test('there is a schedule for every connector that is asked, with its entry as the event', () => {
  const schedules = ofType(example, 'AWS::Scheduler::Schedule').map(([, { Properties }]) => Properties);
  const events = schedules.filter(({ GroupName }) => GroupName === 'akashi-collect');
  expect(events.map(({ Name }) => Name).sort()).toEqual(
    [
      ...EXAMPLE.connectors.filter((one) => one['delivery'] !== 'queue').map((one) => one['name']),
      'own-trail',
    ].sort(),
  );
  const signin = events.find(({ Name }) => Name === 'signin-workspace')!;
  expect(signin['ScheduleExpression']).toBe('rate(15 minutes)');
  expect(JSON.parse((signin['Target'] as { Input: string }).Input)).toEqual({
    connector: EXAMPLE.connectors.find((one) => one['name'] === 'signin-workspace'),
  });
});

test('buckets tell: the own trail by S3, another by EventBridge, a third by SNS', () => {
  expect(textOf(ofType(example, 'AWS::S3::Bucket'))).toContain('"QueueConfigurations"');
  const rules = ofType(example, 'AWS::Events::Rule').filter(([, { Properties }]) =>
    textOf(Properties).includes('Object Created'),
  );
  expect(rules.map(([, { Properties }]) => textOf(Properties['EventPattern']))).toEqual([
    expect.stringContaining('example-trail'),
  ]);
  expect(
    ofType(example, 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties['Protocol']),
  ).toContain('sqs');
  for (const [, { Properties }] of ofType(example, 'AWS::Lambda::EventSourceMapping').filter(
    ([, { Properties }]) => Properties['BatchSize'] === 50,
  ))
    expect(Properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
});

test('the wake-up queue is FIFO, held back, and hidden no longer than a run may take', () => {
  const [, { Properties }] = ofType(example, 'AWS::SQS::Queue').find(
    ([, one]) => one.Properties['QueueName'] === 'akashi-wake.fifo',
  )!;
  const { timeoutSeconds } = FUNCTIONS.find(({ name }) => name === 'seal')!;
  expect(Properties).toMatchObject({
    FifoQueue: true,
    DelaySeconds: 30,
    VisibilityTimeout: timeoutSeconds + 60,
  });
});

test('a seal comes as often as was chosen: who wakes the sealer counts in the same seconds as the queue holds back', () => {
  const { template } = synthesised({ ...LEAST, seal: { everySeconds: 12 } });
  const queues = Object.values(template.findResources('AWS::SQS::Queue'));
  expect(
    queues.find((one) => one['Properties']['QueueName'] === 'akashi-wake.fifo')?.['Properties'][
      'DelaySeconds'
    ],
  ).toBe(12);
  const told = Object.values(template.findResources('AWS::Lambda::Function')).flatMap(({ Properties }) => {
    const { AKASHI_WAKE_QUEUE: queue, AKASHI_WAKE_SECONDS: seconds } =
      Properties['Environment']?.Variables ?? {};
    return queue === undefined ? [] : [seconds];
  });
  expect(told.length).toBeGreaterThan(3);
  expect(new Set(told)).toEqual(new Set(['12']));
});

test('whoever may call a queue, key, topic or function is named', () => {
  for (const [id, statement] of allStatements(example)) {
    if (statement.Effect !== 'Allow' || statement.Principal === undefined) continue;
    expect(textOf(statement.Principal), id).not.toBe('"*"');
    expect(textOf(statement.Principal), id).not.toBe('{"AWS":"*"}');
  }
  expect(
    allStatements(example).filter(
      ([, one]) => one.Effect === 'Allow' && actionsOf(one).some((action) => /Delete.*\*/.test(action)),
    ),
  ).toEqual([]);
});

test('alarms tell somebody: lag, gaps, failures, dead letters, keys, a silent sealer', () => {
  const alarms = ofType(example, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
  const names = alarms.map(({ AlarmName }) => String(AlarmName));
  for (const name of [
    'Lag',
    'SealerSilent',
    'Gaps',
    'Problems',
    'Unverified',
    'Failures-seal',
    'Failures-collect',
    'Dead-wake',
    'Dead-own-trail',
    'Failed',
    'StampSilent',
    'Missed-collect',
    'KeyTamperingAlarm',
    'LockTamperingAlarm',
    'Replication',
  ])
    expect(names).toContain(`akashi-${name}`);
  for (const alarm of alarms) {
    expect(alarm['AlarmActions'], String(alarm['AlarmName'])).toHaveLength(1);
    expect(String(alarm['AlarmDescription']).length).toBeGreaterThan(20);
    if (alarm['Namespace'] === 'Akashi') expect(Object.keys(METRICS)).toContain(alarm['MetricName']);
  }
  // A connector whose credentials have ended fails no invocation: the function says so itself.
  const collect = textOf(alarms.find(({ AlarmName }) => AlarmName === 'akashi-Failures-collect'));
  for (const word of ['"Errors"', '"failures"', 'MAX(']) expect(collect).toContain(word);
  const silent = alarms.find(({ AlarmName }) => AlarmName === 'akashi-SealerSilent')!;
  expect(silent).toMatchObject({
    TreatMissingData: 'breaching',
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    Period: 3600,
  });
});

test('a call that turns against the keys is told at once', () => {
  const [, rule] = ofType(example, 'AWS::Events::Rule').find(([, { Properties }]) =>
    textOf(Properties).includes('ScheduleKeyDeletion'),
  )!;
  expect(rule.Properties['EventPattern']).toMatchObject({
    source: ['aws.kms'],
    'detail-type': ['AWS API Call via CloudTrail'],
  });
  expect(textOf(rule.Properties['Targets'])).toContain('Topic');
});

test('one dashboard shows lag, gaps, failures and cost', () => {
  const boards = ofType(example, 'AWS::CloudWatch::Dashboard');
  expect(boards).toHaveLength(1);
  for (const title of ['Lag', 'Gaps and problems', 'Failures', 'Cost of functions', 'Cost of storage'])
    expect(textOf(boards)).toContain(title);
});

test('CloudFormation itself refuses a region outside residency', () => {
  const { Rules } = example.toJSON() as { Rules: Record<string, { Assertions: { Assert: object }[] }> };
  expect(textOf(Rules)).toContain('{"Fn::Contains":[["eu-central-1","eu-west-1"],{"Ref":"AWS::Region"}]}');
});

test('the trail is the organisation’s, in all regions, with digests; members get a role that sees no log', () => {
  expect(ofType(example, 'AWS::CloudTrail::Trail').map(([, { Properties }]) => Properties)).toEqual([
    expect.objectContaining({
      IsOrganizationTrail: true,
      IsMultiRegionTrail: true,
      EnableLogFileValidation: true,
    }),
  ]);
  // Otherwise CloudTrail could neither write to the bucket nor encrypt what it writes.
  const trail = allStatements(example).filter(([, one]) =>
    textOf(one.Principal ?? '').includes('cloudtrail.amazonaws.com'),
  );
  expect(trail.flatMap(([, one]) => actionsOf(one)).sort()).toEqual([
    'kms:DescribeKey',
    'kms:GenerateDataKey',
    'kms:GenerateDataKeyWithoutPlaintext',
    's3:GetBucketAcl',
    's3:PutObject',
  ]);
  for (const [, one] of trail)
    expect(textOf(one.Condition)).toContain(':cloudtrail:eu-central-1:111122223333:trail/akashi');
  const [, members] = ofType(example, 'AWS::CloudFormation::StackSet')[0]!;
  const body = JSON.parse(String(members.Properties['TemplateBody'])) as { Resources: object };
  expect(textOf(body)).not.toMatch(/"(?:s3|logs):/);
  expect(textOf(body)).toContain('o-a1b2c3d4e5');
  expect(ofType(cases.least.template, 'AWS::CloudTrail::Trail')).toEqual([]);
});

test('Glue has the tables that an Iceberg export writes, Athena a bound', async () => {
  const { TABLES } = await import('../../schema/columns.ts');
  const tables = ofType(example, 'AWS::Glue::Table').map(
    ([, { Properties }]) =>
      Properties['TableInput'] as {
        Name: string;
        Parameters: object;
        StorageDescriptor: { Columns: { Name: string }[] };
      },
  );
  const events = tables.find(({ Name }) => Name === 'events')!;
  expect(events.StorageDescriptor.Columns.map(({ Name }) => Name)).toEqual(
    TABLES.events.map(({ name }) => name),
  );
  expect(events.Parameters).toEqual({ akashi: 'akashi', table_type: 'ICEBERG' });
  expect(tables.map(({ Name }) => Name)).toEqual(
    expect.arrayContaining(['events_copies', 'flows', 'custody', 'coverage_facts']),
  );
  expect(textOf(ofType(example, 'AWS::Athena::WorkGroup'))).toContain(
    `"BytesScannedCutoffPerQuery":${200 * 1024 ** 3}`,
  );
});

test('what the page on cost reckons with is what is deployed: alarms, keys, a dashboard', () => {
  const { template } = synthesised({
    ...LEAST,
    connectors: [],
    trail: 'account',
    stamp: { authority: 'https://tsa.example.com/tsr' },
  });
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  const metrics = alarms.map(({ Properties }) => {
    const parts = Properties['Metrics'] as { MetricStat?: object }[] | undefined;
    return parts?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
  });
  expect(metrics.reduce((sum, one) => sum + one, 0)).toBe(ASSUMED.alarmMetrics);
  template.resourceCountIs('AWS::KMS::Key', ASSUMED.keys);
  template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
});

test('functions that start all the time are not traced, and all that ask others are', () => {
  const modes = new Map(
    ofType(cases.least.template, 'AWS::Lambda::Function').map(([, { Properties }]) => [
      Properties['FunctionName'],
      (Properties['TracingConfig'] as { Mode: string } | undefined)?.Mode,
    ]),
  );
  expect(modes.get('akashi-ingest')).toBeUndefined();
  for (const name of ['collect', 'seal', 'query', 'verify'])
    expect(modes.get(`akashi-${name}`)).toBe('Active');
});

test('the dashboard’s prices are those of the page on cost', () => {
  const [[, { Properties }]] = ofType(cases.least.template, 'AWS::CloudWatch::Dashboard') as [
    [string, Resource],
  ];
  const body = textOf(Properties['DashboardBody']);
  for (const unit of [
    's3.standard.gb-month',
    's3.instant.gb-month',
    's3.tiering.archive-instant.gb-month',
  ] as const)
    expect(body).toContain(`* ${priceOf(unit, 'eu-central-1')}`);
  expect(body).toContain('GlacierInstantRetrievalStorage');
});
