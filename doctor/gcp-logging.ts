/** Sinks and log buckets, by the vendor's library over REST. https://cloud.google.com/logging/docs/reference/libraries */

import { type AuthClient, AwsClient, GoogleAuth } from 'google-auth-library';
import { gcpFederationOf } from '../connectors/delivery/federation.ts';
import { awsCredentials } from '../connectors/delivery/google.ts';

export interface Sink {
  readonly name: string;
  readonly destination: string;
  readonly filter: string;
  readonly disabled: boolean;
  readonly includeChildren: boolean;
  readonly writerIdentity: string;
}

export interface LogBucket {
  /** `projects/…/locations/…/buckets/_Default`. */
  readonly name: string;
  readonly active: boolean;
  readonly retentionDays: number;
  readonly locked: boolean;
}

export interface LoggingConfiguration {
  /** Of a project, folder or organisation. */
  sinks(parent: string): Promise<readonly Sink[]>;
  /** `parent` is a place of a project, `projects/…/locations/-` for all of them. */
  buckets(parent: string): Promise<readonly LogBucket[]>;
  close(): Promise<void>;
}

const SCOPE = 'https://www.googleapis.com/auth/logging.read';

/** The client's part that is used here; it has no types of its own. */
interface Client {
  listSinksAsync: List;
  listBucketsAsync: List;
  close(): Promise<void>;
}
type List = (
  request: { parent: string },
  options: typeof PAGES,
) => AsyncIterable<Readonly<Record<string, unknown>>>;

/** It follows pages in either case, and warns unless it is told not to. */
const PAGES = { autoPaginate: false } as const;

/** `options` name a server that speaks for Google. */
export async function loggingConfiguration(
  options: Readonly<Record<string, unknown>> = {},
): Promise<LoggingConfiguration> {
  const { v2 } = await import('@google-cloud/logging');
  const make = (v2 as { ConfigServiceV2Client: new (given: object) => Client }).ConfigServiceV2Client;
  const client = new make({ fallback: true, auth: auth(), ...options });
  return {
    async sinks(parent) {
      const found: Sink[] = [];
      for await (const one of client.listSinksAsync({ parent }, PAGES))
        found.push({
          name: text(one['name']),
          destination: text(one['destination']),
          filter: text(one['filter']),
          disabled: one['disabled'] === true,
          includeChildren: one['includeChildren'] === true,
          writerIdentity: text(one['writerIdentity']),
        });
      return found;
    },
    async buckets(parent) {
      const found: LogBucket[] = [];
      for await (const one of client.listBucketsAsync({ parent }, PAGES))
        found.push({
          name: text(one['name']),
          active: !/DELETE_REQUESTED/.test(text(one['lifecycleState'])),
          retentionDays: Number(one['retentionDays'] ?? 0),
          locked: one['locked'] === true,
        });
      return found;
    },
    close: () => client.close(),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** As pulls have it: the role in AWS where it is federated, else the environment's own credentials. */
function auth(): GoogleAuth<AuthClient> {
  const federation = gcpFederationOf(process.env);
  if (federation === null) return new GoogleAuth({ scopes: [SCOPE], projectId: 'none' });
  const { credential_source: _, ...options } = federation;
  const authClient = new AwsClient({
    ...options,
    scopes: [SCOPE],
    aws_security_credentials_supplier: awsCredentials(),
  });
  return new GoogleAuth<AuthClient>({ authClient, projectId: 'none' });
}
