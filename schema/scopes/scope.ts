/**
 * The names clouds give to places and things, taken apart: ARNs, Azure resource ids, Google Cloud resource names.
 *
 * Every parser is total (any text ends as a scope or as null) and says only what the text itself says: an account that
 * is not named is null, never guessed from elsewhere.
 */

import { type Arn, formatArn, parseArn } from './arn.ts';
import { type AzureId, formatAzureId, parseAzureId } from './azure-id.ts';
import { formatGcpName, type GcpName, parseGcpName } from './gcp-name.ts';

/**
 * `organization` an AWS organisation, Entra tenant or Google organisation · `folder` an organisational unit, management
 * group or folder · `account` an account, subscription or project · `group` an Azure resource group · `location` a region
 * or zone of a project · `resource` anything that lies in one of these.
 */
export type ScopeKind = 'organization' | 'folder' | 'account' | 'group' | 'location' | 'resource';

/** What all three clouds say of a place or thing. */
export interface Scope {
  readonly cloud: 'aws' | 'azure' | 'gcp';
  readonly kind: ScopeKind;
  /** The text it was read from, as written. */
  readonly id: string;
  /**
   * As the vendor writes it: `AWS::S3::Bucket`, `Microsoft.Compute/virtualMachines`,
   * `compute.googleapis.com/instances`. Null where the text does not tell.
   */
  readonly type: string | null;
  /** What people call it: the last part that names it, without version or path. */
  readonly name: string | null;
  /** Organisation or tenant. */
  readonly org: string | null;
  /** Account, subscription or project. */
  readonly account: string | null;
  /** Region, location or zone. */
  readonly region: string | null;
  /** Id of what encloses it, cut from its own; null where its own does not name that. */
  readonly parent: string | null;
}

/** The scope a text names; null when it is in none of the three forms. */
export function parseScope(text: string | null): Arn | AzureId | GcpName | null {
  return parseArn(text) ?? parseAzureId(text) ?? parseGcpName(text);
}

/** Puts a parsed scope together again from its parts. */
export function formatScope(scope: Arn | AzureId | GcpName): string {
  switch (scope.cloud) {
    case 'aws':
      return formatArn(scope);
    case 'azure':
      return formatAzureId(scope);
    case 'gcp':
      return formatGcpName(scope);
    default:
      return scope satisfies never;
  }
}
