/** Findings of cdk-nag that are meant, each with its reason. */

import { Stack, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export function acknowledge(scope: Construct, id: string, reason: string): void {
  Validations.of(scope).acknowledge({ id: `AwsSolutions-${id}`, reason });
}

/** A wildcard in a role's resources, told by its exact text so that no other one passes with it. */
export function acknowledgeResource(scope: Construct, resource: string, reason: string): void {
  const text = flat(Stack.of(scope).resolve(resource));
  if (text.includes('*')) acknowledge(scope, `IAM5[Resource::${text}]`, reason);
}

/** References as cdk-nag writes them: `<VaultKey.Arn>`. */
function flat(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll('${', '<').replaceAll('}', '>');
  const { Ref, ...intrinsic } = value as Readonly<Record<string, unknown>>;
  if (Ref !== undefined) return `<${flat(Ref)}>`;
  const join = intrinsic['Fn::Join'] as readonly [string, readonly unknown[]] | undefined;
  if (join !== undefined) return join[1].map(flat).join(join[0]);
  const attribute = intrinsic['Fn::GetAtt'] as readonly [unknown, unknown] | undefined;
  if (attribute !== undefined) return `<${flat(attribute[0])}.${flat(attribute[1])}>`;
  return JSON.stringify(value);
}
