/** Who this process is in each cloud, and whether the cloud agrees. */

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsError, CLIENT, judgeAws } from '../connectors/delivery/aws.ts';
import { azureAuthorize, azureCredential } from '../connectors/delivery/azure.ts';
import { azureFederation, FEDERATION_VARIABLES, gcpFederationOf } from '../connectors/delivery/federation.ts';
import { googleCredentials } from '../connectors/delivery/google.ts';
import { askAgain } from '../connectors/delivery/retry.ts';
import { AkashiError } from '../schema/error.ts';
import { type Examination, type Finding, missing, ok, reasonOf, unknown } from './finding.ts';
import type { Cloud, Subject } from './subject.ts';
import { within } from './time-limit.ts';

const AREA = 'credentials';

export interface AwsIdentity {
  readonly account: string;
  readonly arn: string;
}

/** Throws as AWS refuses. */
export async function awsIdentity(signal: AbortSignal): Promise<AwsIdentity> {
  const client = new STSClient(CLIENT);
  try {
    const { Account = '', Arn = '' } = await askAgain(
      () => client.send(new GetCallerIdentityCommand(), { abortSignal: signal }),
      judgeAws,
      signal,
    ).catch((error: unknown) => {
      throw awsError(error, 'asking who this is', 'none: everybody may ask');
    });
    return { account: Account, arn: Arn };
  } finally {
    client.destroy();
  }
}

const ARM = 'https://management.azure.com/.default';
const GOOGLE_SCOPE = 'https://www.googleapis.com/auth/logging.read';

const LOOKS: Readonly<Record<Cloud, (subject: Subject, signal: AbortSignal) => Promise<Finding[]>>> = {
  aws: async ({ deployment }, signal) => {
    const { account, arn } = await awsIdentity(signal);
    const other = deployment?.account !== undefined && deployment.account !== account;
    return [
      ok(AREA, `AWS: ${arn}`),
      ...(other
        ? [
            unknown(
              AREA,
              `AWS: these credentials are of account ${account}, and the deployment is in ${deployment?.account}`,
              `Use a profile of ${deployment?.account} to see its side (AWS_PROFILE).`,
            ),
          ]
        : []),
    ];
  },
  azure: async () => {
    await azureAuthorize(azureCredential(), ARM)(false);
    const federation = azureFederation(process.env);
    return [
      ok(
        AREA,
        federation === null
          ? "Azure: the environment's own credentials give a token"
          : `Azure: application ${federation.application}, which trusts this role in AWS`,
      ),
    ];
  },
  gcp: async () => {
    await googleCredentials(GOOGLE_SCOPE)(false);
    return [
      ok(
        AREA,
        gcpFederationOf(process.env) === null
          ? "Google Cloud: the environment's own credentials give a token"
          : 'Google Cloud: the workload identity pool takes this role in AWS',
      ),
    ];
  },
};

const WAYS: Readonly<Record<Cloud, string>> = {
  aws: 'Sign in: aws sso login, or AWS_PROFILE, or the role of the machine.',
  azure: `Sign in: az login. In AWS: ${FEDERATION_VARIABLES.azure}, and what \`akashi connect azure\` writes.`,
  gcp: `Sign in: gcloud auth application-default login. In AWS: ${FEDERATION_VARIABLES.gcp}, and what \`akashi connect gcp\` writes.`,
};

/** What each cloud says of who this is, and whether it said so: without it nothing else there need be asked. */
export interface SignedIn {
  readonly findings: readonly Finding[];
  readonly known: boolean;
}

/** Never throws. */
export async function signIn(cloud: Cloud, subject: Subject): Promise<SignedIn> {
  try {
    return { findings: await within((signal) => LOOKS[cloud](subject, signal)), known: true };
  } catch (error) {
    const said = error instanceof AkashiError ? `${error.message} [${error.code}]` : reasonOf(error);
    const noRegion = error instanceof AkashiError && error.code === 'PULL_REGION';
    const way = noRegion ? `export AWS_REGION=${subject.deployment?.region ?? '<region>'}` : WAYS[cloud];
    return { findings: [missing(AREA, `${TITLES[cloud]}: ${said}`, way)], known: false };
  }
}

export const TITLES: Readonly<Record<Cloud, string>> = { aws: 'AWS', azure: 'Azure', gcp: 'Google Cloud' };

/** Looks at something of a cloud once it is known who looks. */
export const onceSignedIn = (
  signed: Promise<SignedIn>,
  cloud: Cloud,
  examination: Examination,
  what: string,
): Examination => ({
  area: examination.area,
  look: async () =>
    (await signed).known
      ? examination.look()
      : [
          unknown(
            examination.area,
            `${what} not looked at: there are no credentials for ${TITLES[cloud]}`,
            'See what is missing under credentials.',
          ),
        ],
});
