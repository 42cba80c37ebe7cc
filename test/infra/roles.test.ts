import { expect, test } from 'vitest';
import { FUNCTIONS } from '../../functions/list.ts';
import { actionsOf, allStatements, ofType, statementsOfRoles, textOf } from './policies.ts';
import { EXAMPLE, LEAST, synthesised, TRIAL } from './synthesised.ts';

const example = synthesised(EXAMPLE).template;
const templates = { example, least: synthesised(LEAST).template, trial: synthesised(TRIAL).template };
const roles = statementsOfRoles(example);
/** Names of the roles that may do it. */
const who = (action: string): string[] =>
  [...roles].flatMap(([name, statements]) =>
    statements.some((one) => actionsOf(one).includes(action)) ? [name] : [],
  );
const resources = (role: string, action: string): string =>
  textOf(
    roles
      .get(role)!
      .filter((one) => actionsOf(one).includes(action))
      .map(({ Resource }) => Resource),
  );

test.each(Object.entries(templates))('%s: no role has a wildcard among its actions', (_, template) => {
  for (const [name, statements] of statementsOfRoles(template))
    for (const one of statements)
      for (const action of actionsOf(one)) expect(`${name} ${action}`).not.toContain('*');
});

test('execute may do nothing at all', () => {
  expect(roles.get('akashi-execute')).toEqual([]);
});

test('only who seals may sign, and the key itself refuses all others', () => {
  const signers = FUNCTIONS.filter(({ may }) => may.includes('ledger-key:sign')).map(
    ({ name }) => `akashi-${name}`,
  );
  expect(who('kms:Sign').sort()).toEqual(signers.sort());
  const refusal = allStatements(example).find(([, { Sid }]) => Sid === 'OtherSigners')![1];
  expect(refusal).toMatchObject({ Effect: 'Deny', Principal: { AWS: '*' }, Action: 'kms:Sign' });
  expect([refusal.Condition!['ArnNotEquals']!['aws:PrincipalArn']].flat()).toHaveLength(signers.length);
});

test('nobody may bypass a lock or delete a key, bucket or policy', () => {
  for (const action of [
    's3:BypassGovernanceRetention',
    's3:DeleteBucket',
    's3:DeleteBucketPolicy',
    's3:PutBucketPolicy',
    'kms:ScheduleKeyDeletion',
    'kms:DisableKey',
    'kms:PutKeyPolicy',
  ])
    expect(who(action), action).toEqual([]);
});

test('only compact removes, and tables alone; only the state store is deleted from', () => {
  expect(who('s3:DeleteObjectVersion')).toEqual(['akashi-compact']);
  expect(resources('akashi-compact', 's3:DeleteObjectVersion')).toMatch(
    /akashi-vault-[^"]*\/vault\/tables\/\*"/,
  );
  for (const role of who('s3:DeleteObject'))
    expect(resources(role, 's3:DeleteObject'), role).not.toContain('vault');
});

test('only who seals moves the tables of Glue, and of its own database alone', () => {
  expect(who('glue:UpdateTable').sort()).toEqual(['akashi-compact', 'akashi-seal']);
  expect(resources('akashi-seal', 'glue:UpdateTable')).toContain(':table/akashi/*');
});

test('only query asks Athena, in its own work group, and of its own tables and answers', () => {
  expect(who('athena:StartQueryExecution')).toEqual(['akashi-query']);
  expect(resources('akashi-query', 'athena:StartQueryExecution')).toMatch(/:workgroup\/akashi"\]?/);
  expect(resources('akashi-query', 'glue:GetTable')).toContain(':table/akashi/*');
  expect(resources('akashi-query', 's3:PutObject')).toMatch(/akashi-exports-[^"]*\/athena\/\*"/);
  expect(resources('akashi-query', 's3:PutObject')).not.toContain('vault');
});

test('the stamp function reads the one secret, and nobody else any', () => {
  expect(who('secretsmanager:GetSecretValue')).toEqual(['akashi-stamp']);
  expect(resources('akashi-stamp', 'secretsmanager:GetSecretValue')).toBe(
    '["arn:aws:secretsmanager:eu-central-1:111122223333:secret:tsa-AbCdEf"]',
  );
  const [, stamp] = ofType(example, 'AWS::Lambda::Function').find(
    ([, { Properties }]) => Properties['FunctionName'] === 'akashi-stamp',
  )!;
  expect(textOf(stamp.Properties['Environment'])).toContain('"AKASHI_TSA_SECRET":"arn:aws:secretsmanager');
});

test('people who read put nothing anywhere but the record of what they asked, and no key is theirs', () => {
  const policies = new Map(
    ofType(example, 'AWS::IAM::ManagedPolicy').map(([, { Properties }]) => [
      Properties['ManagedPolicyName'] as string,
      (Properties['PolicyDocument'] as { Statement: Parameters<typeof actionsOf>[0][] }).Statement,
    ]),
  );
  expect([...policies.keys()].sort()).toEqual(['akashi-ask', 'akashi-read']);
  const actions = (name: string) => policies.get(name)!.flatMap((one) => actionsOf(one));
  expect(actions('akashi-ask')).toEqual(['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']);
  const writing = actions('akashi-read').filter((action) => !/:(?:Get|List)/.test(action));
  expect(writing.sort()).toEqual(['kms:Decrypt', 'kms:GenerateDataKey', 's3:PutObject']);
  const put = policies.get('akashi-read')!.find((one) => actionsOf(one).includes('s3:PutObject'))!;
  expect(textOf(put.Resource)).toContain('/state/pending/custody-*');
  expect(put.Condition).toEqual({ Null: { 's3:if-none-match': 'false' } });
});

test('only named functions set a date in the vault', () => {
  const writers = FUNCTIONS.filter(({ may }) => may.includes('vault:write')).map(
    ({ name }) => `akashi-${name}`,
  );
  expect(who('s3:PutObjectRetention').sort()).toEqual(writers.sort());
});

test('collect reads what its connectors name, and ingest the buckets that tell of objects', () => {
  const read = resources('akashi-collect', 's3:GetObject');
  for (const bucket of ['example-trail/', 'example-flows/', 'akashi-trail-']) expect(read).toContain(bucket);
  expect(read).not.toContain('example-told-trail');
  expect(resources('akashi-ingest', 's3:GetObject')).toContain('example-told-trail/*');
  expect(resources('akashi-collect', 'logs:FilterLogEvents')).toContain(
    ':logs:eu-central-1:111122223333:log-group:/vpc/flows:*',
  );
  expect(who('cloudtrail:LookupEvents')).toEqual(['akashi-collect']);
  const [token] = roles
    .get('akashi-collect')!
    .filter((one) => actionsOf(one).includes('sts:GetWebIdentityToken'));
  expect(token!.Condition!['ForAllValues:StringEquals']).toEqual({
    'sts:IdentityTokenAudience': 'api://AzureADTokenExchange',
  });
});

test('without Azure nobody may ask for a token', () => {
  const statements = [...statementsOfRoles(templates.least).values()].flat();
  expect(statements.flatMap(actionsOf)).not.toContain('sts:GetWebIdentityToken');
});

test('schedules may start their own function alone, and only their own group may use the role', () => {
  const starting = [...roles].filter(([, statements]) =>
    statements.some(
      (one) => actionsOf(one).includes('lambda:InvokeFunction') && textOf(one.Resource).includes('GetAtt'),
    ),
  );
  expect(starting.length).toBeGreaterThan(3);
  for (const [, statements] of starting) expect(statements).toHaveLength(2);
  for (const [, statement] of allStatements(example).filter(([, { Principal }]) =>
    textOf(Principal ?? '').includes('scheduler'),
  ))
    expect(textOf(statement.Condition)).toContain('schedule-group/akashi-');
});

test('keys are neither deleted nor disabled by anybody', () => {
  for (const template of [templates.example, templates.least]) {
    const keys = ofType(template, 'AWS::KMS::Key');
    expect(keys).toHaveLength(2);
    for (const [, { Properties }] of keys) {
      const { Statement: statements } = Properties['KeyPolicy'] as {
        Statement: { Sid?: string; Action: string[]; Effect: string; Condition?: object }[];
      };
      const kept = statements.find(({ Sid }) => Sid === 'KeptForever')!;
      expect(kept).toMatchObject({ Effect: 'Deny', Principal: { AWS: '*' } });
      expect(kept.Action).toEqual(expect.arrayContaining(['kms:ScheduleKeyDeletion', 'kms:DisableKey']));
      expect(kept).not.toHaveProperty('Condition');
    }
  }
});

test('the query API takes signed requests alone, from the callers that are named', () => {
  expect(ofType(example, 'AWS::Lambda::Url').map(([, { Properties }]) => Properties['AuthType'])).toEqual([
    'AWS_IAM',
  ]);
  const principals = ofType(example, 'AWS::Lambda::Permission').map(
    ([, { Properties }]) => Properties['Principal'],
  );
  expect(new Set(principals)).toEqual(new Set(['arn:aws:iam::111122223333:role/responder']));
});
