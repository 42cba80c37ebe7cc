/** What a role may do, with the reason where a resource cannot be named to the last letter. */

import { type IRole, type ManagedPolicy, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeResource } from './acknowledge.ts';

export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Why its resources end in a wildcard; needed where they do. */
  readonly because?: string;
}

/** One policy with these permissions. */
export function allow(
  scope: Construct,
  id: string,
  role: IRole,
  permissions: readonly Permission[],
): Policy | null {
  if (permissions.length === 0) return null;
  const policy = new Policy(scope, id, { roles: [role] });
  addPermissions(policy, permissions);
  return policy;
}

/** Puts them into a policy, wildcards with their reasons. */
export function addPermissions(policy: Policy | ManagedPolicy, permissions: readonly Permission[]): void {
  for (const { actions, resources, conditions, because } of permissions) {
    policy.addStatements(
      new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        ...(conditions === undefined
          ? {}
          : { conditions: structuredClone(conditions) as Record<string, object> }),
      }),
    );
    if (because !== undefined)
      for (const resource of resources) acknowledgeResource(policy, resource, because);
  }
}
