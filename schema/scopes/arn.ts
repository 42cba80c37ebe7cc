/**
 * Amazon Resource Names: `arn:<partition>:<service>:<region>:<account>:<resource>`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */

import { arnResource } from './arn-types.ts';
import type { Scope } from './scope.ts';

export interface Arn extends Scope {
  readonly cloud: 'aws';
  /** `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, `aws-iso`, `aws-iso-b`, `aws-iso-e`, `aws-iso-f`. */
  readonly partition: string;
  /** The service's prefix: `iam`, `elasticloadbalancing`. */
  readonly service: string;
  /** The account's place as written: twelve digits, nothing, or `aws` for what is AWS's own. */
  readonly owner: string;
  /** All that follows the account. */
  readonly resource: string;
  /** Path of an IAM name, `/` where it has none; null where the resource can have none. */
  readonly path: string | null;
  /** Version, alias or revision. */
  readonly qualifier: string | null;
}

/** AWS's own limit for an ARN in a policy; longer text is not looked at. */
const LONGEST = 2048;

/** In policies any part but the first may be `*`, or hold it. */
const FORM = /^arn:(aws(?:-[a-z]+)*|\*):([a-z0-9*?][a-z0-9.*?-]*):([a-z0-9*?-]*):([a-z0-9*?-]*):(.+)$/s;

/** Takes an ARN apart; null for any other text. */
export function parseArn(text: string | null): Arn | null {
  if (text === null || text.length > LONGEST || !text.startsWith('arn:')) return null;
  const match = FORM.exec(text);
  if (match === null) return null;
  const [, partition, service, region, owner, resource] = match as unknown as string[];
  const { outer, ...said } = arnResource(service!, region === '' && owner === '', resource!);
  const account = said.kind === 'account' && isAccount(said.name) ? said.name : owner!;
  return {
    cloud: 'aws',
    id: text,
    ...said,
    account: isAccount(account) ? account : null,
    region: region || null,
    parent: outer === 0 ? null : text.slice(0, text.length - resource!.length + outer),
    partition: partition!,
    service: service!,
    owner: owner!,
    resource: resource!,
  };
}

function isAccount(text: string | null): boolean {
  return text !== null && /^\d{12}$/.test(text);
}

/** Puts an ARN together from its parts; the inverse of `parseArn`. */
export function formatArn(arn: Pick<Arn, 'partition' | 'service' | 'region' | 'owner' | 'resource'>): string {
  return `arn:${arn.partition}:${arn.service}:${arn.region ?? ''}:${arn.owner}:${arn.resource}`;
}
