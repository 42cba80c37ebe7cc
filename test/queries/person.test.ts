/** The questions about one person, asked of a lake collected from the sample trails and a few more records. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nativeViews } from '../../connectors/native-views.ts';
import { readSnapshot } from '../../engine/lake-snapshot.ts';
import { runQuery } from '../../engine/query.ts';
import { bindParameters, questionByName } from '../../queries/question.ts';
import { collect } from '../../stages/collect.ts';
import { openLake } from '../../vault/lake.ts';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'akashi-person-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Answer = Record<string, unknown>[];

async function rows(sql: string, parameters = {}): Promise<Answer> {
  const snapshot = await readSnapshot(await openLake(join(folder, 'lake')));
  const answer = await runQuery({ sql, parameters, snapshot, views: nativeViews() });
  const names = answer.columns.map(({ name }) => name);
  const found: Answer = [];
  for await (const batch of answer)
    for (const row of batch) found.push(Object.fromEntries(names.map((name, i) => [name, row[i]])));
  return found;
}

/** Every question is asked once: the lake does not change. */
const answers = new Map<string, Promise<Answer>>();

function ask(name: string, given: Record<string, string>): Promise<Answer> {
  const key = JSON.stringify([name, given]);
  const question = questionByName(name);
  const answer =
    answers.get(key) ?? rows(question.sql, bindParameters(question, new Map(Object.entries(given))));
  answers.set(key, answer);
  return answer;
}

const onDay = (answer: Answer, day: string): Answer =>
  answer.filter(({ time }) => String(time).startsWith(day));
const what = (answer: Answer): string[] => answer.map((row) => `${row['actor_name']} ${row['action']}`);

beforeAll(async () => {
  const more = join(folder, 'more');
  for (const [name, body] of Object.entries(MORE)) {
    mkdirSync(dirname(join(more, name)), { recursive: true });
    writeFileSync(join(more, name), body);
  }
  await collect(await openLake(join(folder, 'lake')), [SAMPLES, more], { threads: 1 });
});

describe('who-did-what', () => {
  test('finds every record in which she is the one who acts, in every cloud and on hosts', async () => {
    const said = await rows(`
      select time, action from events
      where raw ilike '%mallory%' and time is not null and actor_name is distinct from 'alice@example.com'`);
    const found = await ask('who-did-what', { who: 'mallory' });
    const acts = ({ time, action }: Record<string, unknown>) => `${String(time)} ${action}`;
    expect(said.map(acts).filter((act) => !found.map(acts).includes(act))).toEqual([]);
    expect(new Set(found.map(({ cloud }) => cloud))).toEqual(new Set(['aws', 'azure', 'gcp', null]));
    expect(found.length).toBeGreaterThan(30);
  });

  test('finds none of anybody else', async () => {
    const names = (await ask('who-did-what', { who: 'mallory' })).map(({ actor_name }) => actor_name);
    for (const other of ['alice@example.com', 'svc-backup', 'deploy', 'bob'])
      expect(names).not.toContain(other);
  });

  test('finds who acts as another: impersonation in Google Cloud and Kubernetes, a federated user', async () => {
    const found = await ask('who-did-what', { who: 'mallory' });
    expect([...what(onDay(found, '2024-03-20')), ...what(onDay(found, '2024-03-21'))]).toEqual([
      'exporter@example-prod.iam.gserviceaccount.com storage.object.get',
      'system:serviceaccount:prod:deployer secrets.secret.list',
      'temporary iam.user.list',
    ]);
  });

  test('finds a transcript that only its own name ties to her', async () => {
    const targets = (await ask('who-did-what', { who: 'mallory' })).map(({ target }) => target);
    expect(targets).toContain('cat /etc/shadow');
  });

  test('takes the text as it is written, and keeps to the window', async () => {
    expect(await ask('who-did-what', { who: 'm%l_ory' })).toEqual([]);
    expect(await ask('who-did-what', { who: 'MALLORY', until: '2024-03-12T08:12:00Z' })).toHaveLength(1);
  });
});

describe('follow-the-person', () => {
  test('has what she did, and what ties the rest to her', async () => {
    const own = await ask('who-did-what', { who: 'mallory' });
    const all = await ask('follow-the-person', { who: 'mallory' });
    const because = (reason: string) => all.filter((row) => row['because'] === reason);
    for (const act of what(own)) expect(what(all)).toContain(act);
    expect(new Set(because('credential they made').map(({ actor_name }) => actor_name))).toEqual(
      new Set(['svc-backup', 'exporter@example-prod.iam.gserviceaccount.com', 'billing-export']),
    );
    expect(what(because('credential they made'))).toEqual(
      expect.arrayContaining(['svc-backup storage.object.get', 'svc-backup storage.bucket.list']),
    );
    expect(what(because('account they entered'))).toEqual([
      'deploy host.session.start',
      'deploy host.command.execute',
      'deploy host.command.execute',
      'deploy host.session.end',
    ]);
    expect(what(because('address they used'))).toContain('deploy host.ssh.login');
    expect(because('session they started').map(({ target }) => target)).toContain('cat /etc/hosts');
  });

  test('finds no other key of the same user, no use before it was made, and nothing long after', async () => {
    const all = await ask('follow-the-person', { who: 'mallory' });
    const targets = all.map(({ target }) => target);
    expect(targets).not.toContain('other-key');
    expect(targets).not.toContain('too-early');
    expect(targets).not.toContain('/usr/sbin/userdel bob');
    for (const other of ['alice@example.com', 'alice', 'bob'])
      expect(all.map(({ actor_name }) => actor_name)).not.toContain(other);
  });

  test('follows others as well: alice cleaned up, and that is all', async () => {
    const names = (await ask('follow-the-person', { who: 'alice' })).map(({ actor_name }) => actor_name);
    expect(new Set(names)).toEqual(new Set(['alice@example.com', 'alice', null]));
  });
});

/** Made after the vendors' pages: what the sample trails leave out. */
const trail = (records: readonly object[]) =>
  JSON.stringify({
    Records: records.map((record, index) => ({
      eventVersion: '1.09',
      awsRegion: 'eu-central-1',
      recipientAccountId: '111122223333',
      eventID: `00000000-0000-4000-8000-00000000000${index}`,
      ...record,
    })),
  });
const backup = (accessKeyId: string) => ({
  type: 'IAMUser',
  principalId: 'AIDAEXAMPLEBACKUP0001',
  arn: 'arn:aws:iam::111122223333:user/svc-backup',
  accountId: '111122223333',
  accessKeyId,
  userName: 'svc-backup',
});
const s3 = (eventTime: string, key: string, more: object = {}) => ({
  eventTime,
  eventSource: 's3.amazonaws.com',
  eventName: 'ListBuckets',
  sourceIPAddress: '192.0.2.77',
  userIdentity: backup(key),
  ...more,
});
const object = (eventTime: string, key: string, bucketName: string) =>
  s3(eventTime, key, { eventName: 'GetBucketLocation', requestParameters: { bucketName } });
const audit = (insertId: string, timestamp: string, protoPayload: object) =>
  JSON.stringify({
    logName: 'projects/example-prod/logs/cloudaudit.googleapis.com%2Factivity',
    insertId,
    timestamp,
    protoPayload: { '@type': 'type.googleapis.com/google.cloud.audit.AuditLog', ...protoPayload },
  });
const transcript = (command: string) =>
  [
    'Script started on 2024-03-12 08:30:00+00:00 [<not executed on terminal>]',
    `sh-5.2$ ${command}`,
    'cat: Permission denied',
    'Script done on 2024-03-12 08:44:00+00:00 [<not executed on terminal>]',
    '',
  ].join('\n');
const EXPORTER = 'exporter@example-prod.iam.gserviceaccount.com';
const KEY = `projects/example-prod/serviceAccounts/${EXPORTER}/keys/0a1b2c3d4e5f`;

const MORE: Readonly<Record<string, string>> = {
  'trail.json': trail([
    s3('2024-03-12T10:00:00Z', 'AKIAEXAMPLESTOLEN001'),
    object('2024-03-12T10:01:00Z', 'AKIAEXAMPLEOTHERKEY1', 'other-key'),
    object('2024-03-12T08:00:00Z', 'AKIAEXAMPLESTOLEN001', 'too-early'),
    {
      eventTime: '2024-03-21T09:00:00Z',
      eventSource: 'iam.amazonaws.com',
      eventName: 'ListUsers',
      sourceIPAddress: '192.0.2.78',
      userIdentity: {
        type: 'FederatedUser',
        principalId: '111122223333:temporary',
        arn: 'arn:aws:sts::111122223333:federated-user/temporary',
        accountId: '111122223333',
        accessKeyId: 'ASIAEXAMPLETEMPORARY',
        sessionContext: {
          sessionIssuer: {
            type: 'IAMUser',
            arn: 'arn:aws:iam::111122223333:user/mallory',
            userName: 'mallory',
          },
        },
      },
    },
    {
      eventTime: '2024-03-12T08:29:50Z',
      eventSource: 'ssm.amazonaws.com',
      eventName: 'StartSession',
      sourceIPAddress: '192.0.2.80',
      userIdentity: {
        type: 'AssumedRole',
        arn: 'arn:aws:sts::111122223333:assumed-role/ops/build-77',
        accountId: '111122223333',
        accessKeyId: 'ASIAEXAMPLEOPSROLE01',
        sessionContext: {
          sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::111122223333:role/ops', userName: 'ops' },
          sourceIdentity: 'mallory',
        },
      },
      responseElements: { sessionId: 'build-77-0a1b2c3d4e5f60718' },
    },
    {
      eventTime: '2024-03-19T09:00:00Z',
      eventSource: 'iam.amazonaws.com',
      eventName: 'ListUsers',
      sourceIPAddress: '203.0.113.66',
      userIdentity: {
        type: 'IAMUser',
        arn: 'arn:aws:iam::111122223333:user/bob',
        accountId: '111122223333',
        userName: 'bob',
      },
    },
  ]),
  'audit.ndjson': [
    audit('k1', '2024-03-12T08:55:45Z', {
      serviceName: 'iam.googleapis.com',
      methodName: 'google.iam.admin.v1.CreateServiceAccountKey',
      resourceName: `projects/-/serviceAccounts/${EXPORTER}`,
      authenticationInfo: { principalEmail: 'mallory@example.com' },
      requestMetadata: { callerIp: '203.0.113.66' },
      response: { '@type': 'type.googleapis.com/google.iam.admin.v1.ServiceAccountKey', name: KEY },
    }),
    audit('k2', '2024-03-12T11:00:00Z', {
      serviceName: 'storage.googleapis.com',
      methodName: 'storage.buckets.list',
      resourceName: 'projects/example-prod',
      authenticationInfo: { principalEmail: EXPORTER, serviceAccountKeyName: `//iam.googleapis.com/${KEY}` },
      requestMetadata: { callerIp: '192.0.2.77' },
    }),
    audit('k3', '2024-03-20T09:00:00Z', {
      serviceName: 'storage.googleapis.com',
      methodName: 'storage.objects.get',
      resourceName: 'projects/_/buckets/b/objects/o',
      authenticationInfo: {
        principalEmail: EXPORTER,
        serviceAccountDelegationInfo: [{ firstPartyPrincipal: { principalEmail: 'mallory@example.com' } }],
      },
      requestMetadata: { callerIp: '192.0.2.79' },
    }),
  ].join('\n'),
  'sign-ins.json': JSON.stringify({
    records: [
      {
        time: '2024-03-12T09:30:00Z',
        category: 'ServicePrincipalSignInLogs',
        operationName: 'Sign-in activity',
        tenantId: '8a6c0c6e-3f0a-4a52-9a53-1f0f7e3f2b11',
        properties: {
          id: 'sp-1',
          createdDateTime: '2024-03-12T09:30:00Z',
          servicePrincipalName: 'billing-export',
          servicePrincipalId: '7d6c5b4a-3f2e-4d1c-8b0a-9f8e7d6c5b4b',
          appId: '7d6c5b4a-3f2e-4d1c-8b0a-9f8e7d6c5b4c',
          servicePrincipalCredentialKeyId: '4b1f0c7e-1d2e-4f3a-9b8c-7d6e5f4a3b2c',
          ipAddress: '192.0.2.77',
          status: { errorCode: 0 },
        },
      },
    ],
  }),
  'kubernetes.ndjson': JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    auditID: 'i-1',
    stage: 'ResponseComplete',
    verb: 'list',
    user: { username: 'mallory@example.com' },
    impersonatedUser: { username: 'system:serviceaccount:prod:deployer' },
    sourceIPs: ['192.0.2.79'],
    objectRef: { resource: 'secrets', apiVersion: 'v1' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: '2024-03-20T10:00:00.000000Z',
  }),
  'mallory@example.com-0b9d7f5e3c1a28460.log': transcript('cat /etc/shadow'),
  'build-77-0a1b2c3d4e5f60718.log': transcript('cat /etc/hosts'),
  'auth.log':
    '2024-03-12T12:00:00.000000+00:00 web-1 sudo:   deploy : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/sbin/userdel bob\n',
};
