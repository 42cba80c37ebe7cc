/** Who acted, and who stands behind them, in every cloud; inputs are small forms of the examples in the vendors' pages. */

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ACTOR_TYPES } from '../../connectors/parts/actor-type.ts';
import { recognise, sampleOf } from '../../connectors/recognise.ts';
import { connectorById, connectors } from '../../connectors/registry.ts';
import type { AuditEvent } from '../../schema/columns.ts';
import { goldenPairs } from './golden.ts';
import { readBody } from './read-body.ts';

type Actor = Partial<AuditEvent>;

async function eventOf(source: string, body: string): Promise<AuditEvent> {
  const [first] = await readBody(connectorById(source)!, Buffer.from(body));
  if (first?.outcome.kind !== 'event') throw new Error(`no event: ${JSON.stringify(first?.outcome)}`);
  return first.outcome.event;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
describe('AWS', () => {
  const call = (userIdentity: object) =>
    eventOf(
      'aws.cloudtrail',
      JSON.stringify({
        Records: [
          { eventVersion: '1.11', eventSource: 's3.amazonaws.com', eventName: 'ListBuckets', userIdentity },
        ],
      }),
    );
  const session = (role: string, name: string, more: object = {}, context: object = {}) => ({
    type: 'AssumedRole',
    principalId: `AROAIDPPEZS35WEXAMPLE:${name}`,
    arn: `arn:aws:sts::123456789012:assumed-role/${role}/${name}`,
    accountId: '123456789012',
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAIDPPEZS35WEXAMPLE',
        arn: `arn:aws:iam::123456789012:role/${role}`,
        accountId: '123456789012',
        userName: role,
      },
      attributes: { creationDate: '2024-01-10T08:00:00Z', mfaAuthenticated: 'false' },
      ...context,
    },
    ...more,
  });

  const ACTORS: readonly (readonly [who: string, userIdentity: object, expected: Actor])[] = [
    [
      'a user with a path',
      {
        type: 'IAMUser',
        principalId: 'AIDAJ45Q7YFFAREXAMPLE',
        arn: 'arn:aws:iam::123456789012:user/ops/Alice',
        accountId: '123456789012',
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        userName: 'Alice',
      },
      {
        actor_type: 'human',
        actor_name: 'Alice',
        actor_id: 'arn:aws:iam::123456789012:user/ops/Alice',
        actor_credential: 'AKIAIOSFODNN7EXAMPLE',
        actor_on_behalf_of: null,
      },
    ],
    [
      'a role is called by its name, and its issuer is the role',
      session('Deploy', 'build-42'),
      {
        actor_type: 'role_session',
        actor_name: 'Deploy',
        actor_session: 'build-42',
        actor_issuer: 'arn:aws:iam::123456789012:role/Deploy',
        actor_on_behalf_of: null,
      },
    ],
    [
      'a role whose session carries a source identity stands for that person, however many roles lie between',
      session('Admin', 'build-42', {}, { sourceIdentity: 'Alice' }),
      { actor_name: 'Admin', actor_session: 'build-42', actor_on_behalf_of: 'Alice' },
    ],
    [
      'a person who came through Identity Center is called by name',
      session('AWSReservedSSO_AdministratorAccess_4f2a9c1b7d3e8f60', 'alice@example.com'),
      { actor_type: 'role_session', actor_name: 'alice@example.com' },
    ],
    [
      'an instance',
      session('web', 'i-0123456789abcdef0', {}, { ec2RoleDelivery: '2.0' }),
      { actor_type: 'workload', actor_name: 'web', actor_session: 'i-0123456789abcdef0' },
    ],
    [
      'a function stands for itself behind its role',
      session('fn', 'resize', {
        inScopeOf: {
          issuerType: 'AWS::Lambda::Function',
          credentialsIssuedTo: 'arn:aws:lambda:us-east-1:123456789012:function:resize',
        },
      }),
      {
        actor_type: 'workload',
        actor_on_behalf_of: 'arn:aws:lambda:us-east-1:123456789012:function:resize',
      },
    ],
    [
      'a federated user, and who federated it',
      {
        type: 'FederatedUser',
        principalId: '123456789012:bob',
        arn: 'arn:aws:sts::123456789012:federated-user/bob',
        accountId: '123456789012',
        sessionContext: {
          sessionIssuer: {
            type: 'IAMUser',
            arn: 'arn:aws:iam::123456789012:user/broker',
            userName: 'broker',
          },
        },
      },
      {
        actor_type: 'role_session',
        actor_name: 'bob',
        actor_session: 'bob',
        actor_issuer: 'arn:aws:iam::123456789012:user/broker',
      },
    ],
    [
      'somebody signed in elsewhere',
      {
        type: 'SAMLUser',
        principalId: 'SAMLExampleQualifier:alice@example.com',
        userName: 'alice@example.com',
        identityProvider: 'SAMLExampleQualifier',
      },
      { actor_type: 'human', actor_name: 'alice@example.com', actor_issuer: 'SAMLExampleQualifier' },
    ],
    [
      'a user of Identity Center, known by its id alone',
      {
        type: 'IdentityCenterUser',
        accountId: '123456789012',
        onBehalfOf: {
          userId: '544894e8-80c1-707f-60e3-3ba6510dfac1',
          identityStoreArn: 'arn:aws:identitystore::123456789012:identitystore/d-9067642ac7',
        },
        credentialId: 'EXAMPLEVHULjJdTUdPJfofVa1sufHDoj7aYcOYcxFVllWR',
      },
      {
        actor_type: 'human',
        actor_id: '544894e8-80c1-707f-60e3-3ba6510dfac1',
        actor_on_behalf_of: '544894e8-80c1-707f-60e3-3ba6510dfac1',
      },
    ],
    [
      'a service by itself',
      { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
      { actor_type: 'service', actor_name: 'ec2.amazonaws.com', actor_id: 'ec2.amazonaws.com' },
    ],
    [
      'a service through the role made for it',
      session('AWSServiceRoleForAutoScaling', 'AutoScaling', {
        sessionContext: {
          sessionIssuer: {
            type: 'Role',
            arn: 'arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
            userName: 'AWSServiceRoleForAutoScaling',
          },
        },
      }),
      { actor_type: 'service' },
    ],
    [
      'a pipeline that GitHub vouched for, as it asks for a role',
      {
        type: 'WebIdentityUser',
        principalId:
          'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:repo:example/app:ref:refs/heads/main',
        userName: 'repo:example/app:ref:refs/heads/main',
        identityProvider: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
      },
      { actor_type: 'workload', actor_name: 'repo:example/app:ref:refs/heads/main' },
    ],
    [
      'a person whom a web identity provider vouched for',
      {
        type: 'WebIdentityUser',
        principalId: 'accounts.google.com:app.apps.example.com:1234567890',
        userName: '1234567890',
        identityProvider: 'accounts.google.com',
      },
      { actor_type: 'human', actor_name: '1234567890', actor_issuer: 'accounts.google.com' },
    ],
    [
      'a pod of an EKS cluster',
      session(
        'app',
        'botocore-session-1',
        {},
        {
          webIdFederationData: {
            federatedProvider:
              'arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE',
            attributes: {},
          },
        },
      ),
      { actor_type: 'workload', actor_name: 'app', actor_on_behalf_of: null },
    ],
    [
      'a session stands for the person whom a web identity provider vouched for',
      session(
        'app',
        'web',
        {},
        {
          webIdFederationData: {
            federatedProvider: 'www.amazon.com',
            attributes: {
              'www.amazon.com:app_id': 'amzn1.application.EXAMPLE',
              'www.amazon.com:user_id': 'amzn1.account.EXAMPLE',
            },
          },
        },
      ),
      { actor_type: 'role_session', actor_on_behalf_of: 'amzn1.account.EXAMPLE' },
    ],
    [
      'somebody of whom only a key is known',
      { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' },
      { actor_type: 'unknown' },
    ],
    ['nobody at all', {}, { actor_type: null, actor_name: null, actor_id: null }],
    [
      'a role of another account',
      { type: 'AWSAccount', principalId: 'AROAEXAMPLE2OTHER:audit', accountId: '111122223333' },
      { actor_type: 'role_session', actor_account: '111122223333', actor_session: 'audit' },
    ],
    [
      'nobody in particular',
      { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' },
      { actor_type: 'anonymous' },
    ],
    [
      'root',
      {
        type: 'Root',
        principalId: '123456789012',
        arn: 'arn:aws:iam::123456789012:root',
        accountId: '123456789012',
      },
      { actor_type: 'root', actor_name: 'root', actor_id: 'arn:aws:iam::123456789012:root' },
    ],
  ];

  test.each(ACTORS)('%s', async (_, userIdentity, expected) => {
    expect(await call(userIdentity)).toMatchObject(expected);
  });
});

/** https://learn.microsoft.com/en-us/azure/azure-monitor/platform/activity-log-schema and the claims it names. */
describe('Azure', () => {
  const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
  const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';
  const activity = (claims: object, more: object = {}) =>
    eventOf(
      'azure.activity',
      JSON.stringify({
        time: '2024-01-10T08:00:00Z',
        resourceId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v',
        operationName: 'Microsoft.KeyVault/vaults/write',
        category: 'Administrative',
        identity: { claims },
        ...more,
      }),
    );
  test('a person whose claims were cut down goes by the caller, an application by its claims', async () => {
    const cut = { name: 'Alice', appid: 'portal' };
    expect(await activity(cut, { caller: 'alice@example.com' })).toMatchObject({
      actor_type: 'human',
      actor_name: 'alice@example.com',
    });
    expect(
      await activity({ appid: 'a-1' }, { caller: '5b7c1c2d-2c43-4e7c-8f5e-6f3d2a1b0c9d' }),
    ).toMatchObject({ actor_type: 'workload', actor_name: 'a-1' });
  });

  const MACHINE = '/subscriptions/s/resourcegroups/g/providers/Microsoft.Compute/virtualMachines/build';

  const ACTORS: readonly (readonly [who: string, claims: object, expected: Actor])[] = [
    [
      'a person',
      { [OBJECT_ID]: 'o-1', [UPN]: 'alice@example.com', appid: 'portal', puid: 'p-1', idtyp: 'user' },
      {
        actor_type: 'human',
        actor_name: 'alice@example.com',
        actor_id: 'o-1',
        actor_principal: 'p-1',
        actor_on_behalf_of: null,
      },
    ],
    [
      'a guest belongs to the tenant they came from',
      { [UPN]: 'bob@example.org', idp: 'https://sts.windows.net/home-tenant/', tid: 'our-tenant' },
      { actor_type: 'human', actor_name: 'bob@example.org', actor_account: 'home-tenant' },
    ],
    [
      'a service principal is a workload, by its object id and with its app id',
      { [OBJECT_ID]: 'o-2', appid: 'a-2', idtyp: 'app' },
      { actor_type: 'workload', actor_name: 'a-2', actor_id: 'o-2', actor_principal: 'a-2' },
    ],
    [
      'a machine with an identity of its own is called as the machine',
      { [OBJECT_ID]: 'o-3', appid: 'a-3', idtyp: 'app', xms_mirid: MACHINE },
      { actor_type: 'workload', actor_name: 'build', actor_id: 'o-3', actor_on_behalf_of: MACHINE },
    ],
    [
      'an identity given to a machine acts for the machine',
      {
        [OBJECT_ID]: 'o-4',
        idtyp: 'app',
        xms_mirid:
          '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-deploy',
        xms_az_rid: MACHINE,
      },
      { actor_type: 'workload', actor_name: 'id-deploy', actor_id: 'o-4', actor_on_behalf_of: MACHINE },
    ],
    [
      'a service of Azure by itself',
      {
        'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/spn': 'Microsoft.Insights/alertRules',
      },
      {
        actor_type: 'service',
        actor_name: 'Microsoft.Insights/alertRules',
        actor_id: 'Microsoft.Insights/alertRules',
      },
    ],
  ];

  test.each(ACTORS)('%s', async (_, claims, expected) => {
    expect(await activity(claims)).toMatchObject(expected);
  });

  test('a caller without claims', async () => {
    const by = (caller: string) => activity({}, { caller });
    expect(await by('alice@example.com')).toMatchObject({
      actor_type: 'human',
      actor_name: 'alice@example.com',
    });
    expect(await by('Microsoft.Advisor')).toMatchObject({ actor_type: 'service' });
    expect(await by('00000000-0000-0000-0000-0000000000b2')).toMatchObject({
      actor_type: 'unknown',
      actor_id: '00000000-0000-0000-0000-0000000000b2',
    });
  });

  /** https://learn.microsoft.com/en-us/graph/api/resources/signin */
  test('a managed identity signs in for its machine', async () => {
    const record = {
      time: '2024-01-10T08:00:00Z',
      category: 'ManagedIdentitySignInLogs',
      operationName: 'Sign-in activity',
      properties: {
        id: 's-1',
        createdDateTime: '2024-01-10T08:00:00Z',
        servicePrincipalName: 'build',
        servicePrincipalId: 'o-3',
        appId: 'a-3',
        managedServiceIdentity: { msiType: 'systemAssigned', associatedResourceId: MACHINE },
      },
    };
    expect(await eventOf('azure.signin', JSON.stringify(record))).toMatchObject({
      actor_type: 'workload',
      actor_name: 'build',
      actor_id: 'o-3',
      actor_principal: 'a-3',
      actor_on_behalf_of: MACHINE,
    });
  });

  /** https://learn.microsoft.com/en-us/graph/api/resources/auditactivityinitiator */
  test.each([
    [
      'a person',
      { user: { id: 'o-1', userPrincipalName: 'alice@example.com' } },
      { actor_type: 'human', actor_name: 'alice@example.com', actor_id: 'o-1' },
    ],
    [
      'an application',
      { app: { appId: null, displayName: 'deployer', servicePrincipalId: 'o-2' } },
      { actor_type: 'workload', actor_name: 'deployer', actor_id: 'o-2' },
    ],
    [
      'Microsoft itself',
      { app: { appId: null, displayName: 'Microsoft Approval Management', servicePrincipalId: null } },
      { actor_type: 'service', actor_name: 'Microsoft Approval Management' },
    ],
  ])('the directory was changed by %s', async (_, initiatedBy, expected) => {
    const audit = {
      id: 'd-1',
      activityDateTime: '2024-01-10T08:00:00Z',
      activityDisplayName: 'Add user',
      loggedByService: 'Core Directory',
      initiatedBy,
      targetResources: [],
    };
    expect(await eventOf('azure.audit', JSON.stringify(audit))).toMatchObject(expected);
  });
});

/** https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog#AuthenticationInfo */
describe('Google Cloud', () => {
  const call = (authenticationInfo: object) =>
    eventOf(
      'gcp.audit',
      JSON.stringify({
        logName: 'projects/p/logs/cloudaudit.googleapis.com%2Factivity',
        timestamp: '2024-01-10T08:00:00Z',
        insertId: 'i',
        protoPayload: { serviceName: 'storage.googleapis.com', methodName: 'm', authenticationInfo },
      }),
    );
  const SA = 'web@example-project.iam.gserviceaccount.com';
  const POOL = 'projects/100200300400/locations/global/workloadIdentityPools/github';

  const ACTORS: readonly (readonly [who: string, info: object, expected: Actor])[] = [
    [
      'a person',
      { principalEmail: 'alice@example.com', principalSubject: 'user:alice@example.com' },
      { actor_type: 'human', actor_name: 'alice@example.com', actor_id: 'alice@example.com' },
    ],
    [
      'a service account and the key it used',
      {
        principalEmail: SA,
        serviceAccountKeyName: `//iam.googleapis.com/projects/p/serviceAccounts/${SA}/keys/k1`,
      },
      {
        actor_type: 'workload',
        actor_name: SA,
        actor_account: 'example-project',
        actor_credential: `//iam.googleapis.com/projects/p/serviceAccounts/${SA}/keys/k1`,
        actor_on_behalf_of: null,
      },
    ],
    [
      'a service account that a person impersonated',
      {
        principalEmail: SA,
        serviceAccountDelegationInfo: [{ firstPartyPrincipal: { principalEmail: 'alice@example.com' } }],
      },
      { actor_type: 'workload', actor_name: SA, actor_on_behalf_of: 'alice@example.com' },
    ],
    [
      'a chain of impersonations goes back to who began it',
      {
        principalEmail: SA,
        serviceAccountDelegationInfo: [
          { firstPartyPrincipal: { principalEmail: 'alice@example.com' } },
          { firstPartyPrincipal: { principalEmail: 'broker@example-project.iam.gserviceaccount.com' } },
        ],
      },
      { actor_name: SA, actor_on_behalf_of: 'alice@example.com' },
    ],
    [
      'a service account used from another cloud',
      {
        principalEmail: SA,
        serviceAccountDelegationInfo: [
          { principalSubject: `principal://iam.googleapis.com/${POOL}/subject/repo:example/app` },
        ],
      },
      { actor_on_behalf_of: `principal://iam.googleapis.com/${POOL}/subject/repo:example/app` },
    ],
    [
      'a workload of another cloud by itself',
      { principalSubject: `principal://iam.googleapis.com/${POOL}/subject/repo:example/app` },
      { actor_type: 'workload', actor_name: 'repo:example/app', actor_issuer: POOL },
    ],
    [
      'a person of another directory',
      {
        principalSubject:
          'principal://iam.googleapis.com/locations/global/workforcePools/staff/subject/carol@example.com',
      },
      { actor_type: 'human', actor_name: 'carol@example.com' },
    ],
    [
      'a pod in GKE, through its service account',
      { principalSubject: 'serviceAccount:example-project.svc.id.goog[prod/reports]' },
      { actor_type: 'workload', actor_name: 'example-project.svc.id.goog[prod/reports]' },
    ],
    [
      'a service of Google by itself',
      { principalEmail: 'service-100200300400@container-engine-robot.iam.gserviceaccount.com' },
      { actor_type: 'service' },
    ],
    ['everybody', { principalEmail: 'allUsers' }, { actor_type: 'anonymous' }],
    ['nobody, where Google names nobody', {}, { actor_type: null, actor_name: null, actor_id: null }],
  ];

  test.each(ACTORS)('%s', async (_, info, expected) => {
    expect(await call(info)).toMatchObject(expected);
  });
});

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
describe('Kubernetes', () => {
  const call = (user: object, impersonatedUser?: object) =>
    eventOf(
      'k8s.audit',
      JSON.stringify({
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        auditID: 'a',
        stage: 'ResponseComplete',
        verb: 'list',
        objectRef: { resource: 'pods', apiVersion: 'v1' },
        user,
        impersonatedUser,
      }),
    );

  const ACTORS: readonly (readonly [who: string, user: object, as: object | undefined, expected: Actor])[] = [
    [
      'a person',
      { username: 'alice@example.com', groups: ['system:authenticated'] },
      undefined,
      { actor_type: 'human', actor_name: 'alice@example.com', actor_on_behalf_of: null },
    ],
    [
      'a person who acts as another',
      { username: 'alice@example.com' },
      { username: 'bob@example.com' },
      { actor_type: 'human', actor_name: 'bob@example.com', actor_on_behalf_of: 'alice@example.com' },
    ],
    [
      'a person who acts as a service account',
      { username: 'alice@example.com' },
      { username: 'system:serviceaccount:prod:reports' },
      {
        actor_type: 'workload',
        actor_name: 'system:serviceaccount:prod:reports',
        actor_on_behalf_of: 'alice@example.com',
      },
    ],
    [
      'a pod',
      {
        username: 'system:serviceaccount:prod:reports',
        uid: 'u-1',
        extra: { 'authentication.kubernetes.io/pod-name': ['reports-1'] },
      },
      undefined,
      { actor_type: 'workload', actor_session: 'reports-1', actor_principal: 'u-1' },
    ],
    ['a node', { username: 'system:node:n1' }, undefined, { actor_type: 'service' }],
    ['nobody', { username: 'system:anonymous' }, undefined, { actor_type: 'anonymous' }],
    [
      'a role of AWS, on EKS',
      {
        username: 'admins:alice',
        extra: {
          arn: ['arn:aws:sts::123456789012:assumed-role/Admins/alice'],
          canonicalArn: ['arn:aws:iam::123456789012:role/Admins'],
          sessionName: ['alice'],
        },
      },
      undefined,
      {
        actor_type: 'role_session',
        actor_id: 'arn:aws:sts::123456789012:assumed-role/Admins/alice',
        actor_account: '123456789012',
        actor_session: 'alice',
        actor_issuer: 'arn:aws:iam::123456789012:role/Admins',
      },
    ],
  ];

  test.each(ACTORS)('%s', async (_, user, as, expected) => {
    expect(await call(user, as)).toMatchObject(expected);
  });
});

/** https://www.sudo.ws/docs/man/sudoers.man/#EVENT_LOGGING */
describe('a Linux host', () => {
  const TIME = '2024-01-10T08:00:00.000000+00:00 web-1';

  test.each([
    [
      'sudo: who ran it, not whom it ran as',
      'sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/id',
      { actor_type: 'human', actor_name: 'alice', target_name: 'root', command: '/usr/bin/id' },
    ],
    [
      'su: who switched',
      'su[7]: (to root) alice on pts/0',
      { actor_type: 'human', actor_name: 'alice', target_name: 'root' },
    ],
    [
      'the session that sudo opens',
      'sudo: pam_unix(sudo:session): session opened for user root(uid=0) by alice(uid=1000)',
      { actor_name: 'alice', target_name: 'root' },
    ],
    [
      'root itself',
      'sudo:     root : PWD=/ ; USER=postgres ; COMMAND=/usr/bin/pg_dump app',
      { actor_type: 'root', actor_name: 'root', target_name: 'postgres' },
    ],
    [
      'a job of the clock',
      'CRON[9]: (www-data) CMD (/usr/bin/php cron.php)',
      { actor_type: 'workload', actor_name: 'www-data' },
    ],
    [
      'a name that there is not',
      'sshd[8]: Invalid user admin from 203.0.113.66 port 40022',
      { actor_type: 'unknown', actor_name: 'admin' },
    ],
    [
      'a principal of AWS behind the key it was let in with',
      'ec2-instance-connect[8]: Providing ssh key from EC2 Instance Connect with fingerprint: SHA256:abc, request-id: r-1, for IAM principal: arn:aws:sts::123456789012:assumed-role/Admins/alice',
      { actor_on_behalf_of: 'arn:aws:sts::123456789012:assumed-role/Admins/alice' },
    ],
  ])('%s', async (_, message, expected) => {
    expect(await eventOf('linux.auth', `${TIME} ${message}\n`)).toMatchObject(expected);
  });
});

describe('every source says who in the same words', () => {
  const TYPES = ['human', 'role_session', 'service', 'workload', 'root', 'anonymous', 'unknown'];

  function check(event: AuditEvent, where: string): void {
    const { actor_type, actor_id, actor_on_behalf_of } = event;
    if (actor_type !== null && !TYPES.includes(actor_type))
      throw new Error(`${where}: actor_type ${actor_type}`);
    // Whoever has an id has a type, if only unknown; where nobody is named, it may be empty.
    if (actor_type === null && actor_id !== null) throw new Error(`${where}: ${actor_id} has no actor_type`);
    if (actor_on_behalf_of === '') throw new Error(`${where}: an empty actor_on_behalf_of`);
  }

  test.each(
    connectors
      .filter(({ table }) => table === 'events')
      .map((connector) => [connector.id, connector] as const),
  )('%s', async (id, connector) => {
    for (const { name, body } of goldenPairs(
      new URL(`../../connectors/${id.replace('.', '-')}/`, import.meta.url),
    ))
      for (const { outcome } of await readBody(connector, body))
        if (outcome.kind === 'event') check(outcome.event, `${id} ${name}`);
  });

  test('the sample trails', async () => {
    const root = new URL('../../samples/', import.meta.url);
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const { parentPath, name } of files) {
      const stored = readFileSync(`${parentPath}/${name}`);
      const body = stored[0] === 0x1f && stored[1] === 0x8b ? gunzipSync(stored) : stored;
      const source = recognise(sampleOf(name, body.subarray(0, 64 * 1024), body.length <= 64 * 1024));
      expect(source, name).not.toBeNull();
      for (const { outcome } of await readBody(source!.connector, body))
        if (outcome.kind === 'event') check(outcome.event, name);
    }
  });
});

describe('actor_type is of one closed list, whatever the source', () => {
  test('empty means that nobody is told of, and unknown that somebody is', async () => {
    let seen = 0;
    for (const connector of connectors) {
      const folder = new URL(`../../connectors/${connector.id.replace('.', '-')}/`, import.meta.url);
      for (const { name, body } of goldenPairs(folder))
        for (const { outcome } of await readBody(connector, body)) {
          if (outcome.kind !== 'event') continue;
          const { actor_type, actor_name, actor_id } = outcome.event;
          const where = `${connector.id} ${name}`;
          if (actor_type === null) expect([actor_name, actor_id], where).toEqual([null, null]);
          else expect(ACTOR_TYPES, where).toContain(actor_type);
          if (actor_type === 'unknown') expect(whoIs(outcome.event), where).not.toEqual([]);
          seen++;
        }
    }
    expect(seen).toBeGreaterThan(300);
  });

  const whoIs = ({ actor_name, actor_id, actor_principal, actor_credential }: AuditEvent) =>
    [actor_name, actor_id, actor_principal, actor_credential].filter((said) => said !== null);
});
