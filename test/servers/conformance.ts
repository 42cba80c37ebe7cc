/**
 * `npm run conformance -- --endpoint URL --vault-bucket B --state-bucket B [--region R] [--server ceph]`: the contract
 * suite over a server of the user's. Credentials come from the environment. What it stores is locked for two minutes.
 */

import { parseArgs } from 'node:util';
import { DIALECTS, type Dialect } from '../../vault/s3/settings.ts';
import { passes } from './suite.ts';

const USAGE =
  'usage: npm run conformance -- [--endpoint URL] --vault-bucket B --state-bucket B [--region R] [--server aws|ceph]\n' +
  'The vault bucket must have versioning and Object Lock, the state bucket neither. Without --endpoint it is Amazon S3.';

function read() {
  const string = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      endpoint: string,
      region: string,
      server: string,
      'vault-bucket': string,
      'state-bucket': string,
    },
  });
  const { endpoint = null, region = null, server = 'aws' } = values;
  const [vaultBucket, stateBucket] = [values['vault-bucket'], values['state-bucket']];
  if (vaultBucket === undefined || stateBucket === undefined) throw new Error('both buckets are needed');
  if (!Object.hasOwn(DIALECTS, server))
    throw new Error(`--server must be one of ${Object.keys(DIALECTS).join(', ')}`);
  const dialect = server as Dialect;
  // Deviations are listed by server: one reached by its address has none, but what its dialect stands for.
  return {
    name: dialect === 'aws' ? (endpoint ?? 'Amazon S3') : dialect,
    endpoint,
    region,
    dialect,
    vaultBucket,
    stateBucket,
  };
}

try {
  process.exit(passes(read()) ? 0 : 1);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  process.exit(2);
}
