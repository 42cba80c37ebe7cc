/**
 * Asks CloudTrail for the public keys that its digests are signed with, one region after the other.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html
 */

import { CloudTrailClient, ListPublicKeysCommand } from '@aws-sdk/client-cloudtrail';
import { AkashiError } from '../../schema/error.ts';

const ATTEMPTS = 4;
const CONNECT_MILLIS = 5000;
const SILENCE_MILLIS = 30_000;

export interface KeyRequest {
  readonly region: string;
  readonly StartTime: Date;
  readonly EndTime: Date;
  readonly NextToken?: string;
}

export interface KeyPage {
  readonly PublicKeyList?: readonly unknown[];
  readonly NextToken?: string;
}

/** One page. Throws CLOUDTRAIL_DENIED and CLOUDTRAIL_UNREACHABLE. Credentials come as in all AWS tools. */
export async function listPublicKeys({ region, ...request }: KeyRequest): Promise<KeyPage> {
  const client = new CloudTrailClient({
    region,
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_MILLIS, requestTimeout: SILENCE_MILLIS },
  });
  try {
    const { PublicKeyList = [], NextToken } = await client.send(new ListPublicKeysCommand(request));
    return { PublicKeyList, ...(NextToken === undefined ? {} : { NextToken }) };
  } catch (cause) {
    const { name = '', message = String(cause) } = cause as { name?: string; message?: string };
    const denied = /AccessDenied|UnrecognizedClient|ExpiredToken|Credentials|InvalidSignature/.test(name);
    throw new AkashiError(
      denied ? 'CLOUDTRAIL_DENIED' : 'CLOUDTRAIL_UNREACHABLE',
      `CloudTrail's public keys of ${region} could not be had: ${message}. ` +
        (denied ? 'The permission is cloudtrail:ListPublicKeys. ' : '') +
        'Lists that were kept in files serve as well: --keys.',
      { cause },
    );
  } finally {
    client.destroy();
  }
}
