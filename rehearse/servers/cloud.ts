/** Every server that the three clouds are played by, each behind a proxy of its own that can be told to misbehave. */

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Random, random } from '../../bench/random.ts';
import { FEDERATION_VARIABLES } from '../../connectors/delivery/federation.ts';
import { AzureServer } from '../../test/connectors/delivery/azure-server.ts';
import { GoogleServer } from '../../test/connectors/delivery/google-server.ts';
import { LookupServer } from '../../test/connectors/delivery/lookup-server.ts';
import { installAzurite, type RunningAzurite, startAzurite } from '../../test/live/azurite.ts';
import { ceph } from '../../test/servers/ceph.ts';
import { selfSigned } from '../../test/servers/certificate.ts';
import { moto } from '../../test/servers/moto.ts';
import type { Running, ServerUnderTest } from '../../test/servers/server.ts';
import { versitygw } from '../../test/servers/versitygw.ts';
import { KmsDouble, keyInside } from '../../test/vault/parts/kms-double.ts';
import { startAuthority } from './authority.ts';
import { IdentityServer } from './identity.ts';
import { googleTakes, poolOf } from './pool.ts';
import { FaultProxy } from './proxy.ts';

/**
 * `aws` is moto: queues, source buckets, rules, tables, STS; `kms` has the key that moto cannot have; `lake` holds the two
 * stores; `tsa` says what time it is.
 */
export const SERVERS = ['aws', 'lake', 'lookup', 'google', 'blobs', 'workspace', 'kms', 'tsa'] as const;
export type ServerName = (typeof SERVERS)[number];
export const LAKE_SERVERS: Readonly<Record<string, ServerUnderTest>> = { versitygw, ceph };

/** Signs checkpoints. Its name is as in KMS; it is asked for at an endpoint of its own. */
export const LEDGER_KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';

export interface Cloud {
  readonly lakeServer: ServerUnderTest;
  readonly proxies: Readonly<Record<ServerName, FaultProxy>>;
  /** Addresses without a proxy, for who plays the vendor. */
  direct(name: 'aws' | 'lake' | 'blobs'): string;
  readonly google: GoogleServer;
  readonly azure: AzureServer;
  readonly lookup: LookupServer;
  /** What vouches for the proxies of `blobs` and `workspace`; and for Azurite itself. */
  readonly certificates: string;
  readonly blobCertificates: string;
  /** Where the lake's server has a file for each object, bucket by bucket; null where it has none. */
  readonly lakeDisk: string | null;
  /** Of the time-stamping authority, PEM. */
  readonly authorityRoots: string;
  /** What gives functions a managed identity in Azure and a federated one at Google. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gone from now on. Contents stay, but for moto's, which has them in memory only. */
  kill(name: ServerName): Promise<void>;
  restart(name: ServerName): Promise<void>;
  stop(): Promise<void>;
}

/** Installs what is missing, by the package managers that the servers come from. */
export function installServers(lakeServer: ServerUnderTest): void {
  moto.install();
  lakeServer.install();
  installAzurite();
}

export async function startCloud(folder: string, lakeServer: ServerUnderTest, seed: number): Promise<Cloud> {
  const folders = Object.fromEntries(
    ['moto', 'lake', 'azurite', 'tls'].map((name) => [name, join(folder, name)]),
  );
  for (const path of Object.values(folders)) mkdirSync(path, { recursive: true });
  const google = new GoogleServer();
  const azure = new AzureServer();
  const lookup = new LookupServer();
  let aws: Running = await moto.start(folders['moto']!);
  let lake: Running = await lakeServer.start(folders['lake']!);
  let blobs: RunningAzurite = await startAzurite(folders['azurite']!);
  const [googleUrl, azureUrls, lookupUrl] = [await google.start(), await azure.start(), await lookup.start()];
  const kms = new KmsDouble();
  kms.keys.set(LEDGER_KEY, keyInside());
  const kmsUrl = await kms.start();
  const authority = await startAuthority();
  google.vouches = (token) => googleTakes(token, aws.endpoint);
  const tls = selfSigned(folders['tls']!);
  const r: Random = random(seed ^ randomBytes(1)[0]!);
  const proxies: Record<ServerName, FaultProxy> = {
    aws: new FaultProxy(aws.endpoint, r),
    lake: new FaultProxy(lake.endpoint, r),
    lookup: new FaultProxy(lookupUrl, r),
    google: new FaultProxy(googleUrl, r),
    blobs: new FaultProxy(new URL(blobs.url).origin, r, tls),
    workspace: new FaultProxy(azureUrls.secure, r, tls),
    kms: new FaultProxy(kmsUrl, r),
    tsa: new FaultProxy(authority.url, r),
  };
  for (const proxy of Object.values(proxies)) await proxy.start();
  const storageTokens: Record<string, string> = {};
  Object.assign(storageTokens, blobs.environment);
  const identity = new IdentityServer(storageTokens, azure.environment());
  const identityEnvironment = await identity.start();

  return {
    lakeServer,
    proxies,
    google,
    azure,
    lookup,
    direct: (name) => ({ aws: aws.endpoint, lake: lake.endpoint, blobs: blobs.url })[name],
    certificates: tls.certificates,
    blobCertificates: blobs.certificates,
    lakeDisk: lakeServer === versitygw ? join(folders['lake']!, 'root') : null,
    authorityRoots: authority.roots,
    environment: {
      ...identityEnvironment,
      [FEDERATION_VARIABLES.gcp]: JSON.stringify(poolOf(google.tokenUrl())),
    },
    async kill(name) {
      await proxies[name].stop();
      if (name === 'aws') await aws.stop();
      if (name === 'lake') await lake.stop();
      // Killed outright, Azurite forgets the seconds before, which no storage account does.
      if (name === 'blobs') await blobs.stop('gently');
    },
    async restart(name) {
      if (name === 'aws') aws = await moto.start(folders['moto']!);
      if (name === 'lake') lake = await lakeServer.start(folders['lake']!);
      if (name === 'blobs') {
        blobs = await startAzurite(folders['azurite']!);
        Object.assign(storageTokens, blobs.environment);
      }
      if (name === 'aws') proxies.aws.target = aws.endpoint;
      if (name === 'lake') proxies.lake.target = lake.endpoint;
      if (name === 'blobs') proxies.blobs.target = new URL(blobs.url).origin;
      await proxies[name].start();
    },
    async stop() {
      for (const proxy of Object.values(proxies)) await proxy.stop();
      for (const server of [aws, lake, blobs, google, azure, lookup, identity]) await server.stop();
      await kms.close();
      await authority.stop();
    },
  };
}
