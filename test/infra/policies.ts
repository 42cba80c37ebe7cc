/** What templates say of who may do what. */

import type { Template } from 'aws-cdk-lib/assertions';
import { asList } from './lists.ts';

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export const resourcesOf = (template: Template): [string, Resource][] =>
  Object.entries(template.toJSON()['Resources'] as Record<string, Resource>);

export const ofType = (template: Template, type: string): [string, Resource][] =>
  resourcesOf(template).filter(([, { Type }]) => Type === type);

/** What a role may do, by its name: all statements of its policies. */
export function statementsOfRoles(template: Template): Map<string, Statement[]> {
  const roles = new Map(
    ofType(template, 'AWS::IAM::Role').map(([id, { Properties }]) => [
      id,
      String(Properties['RoleName'] ?? id),
    ]),
  );
  const found = new Map<string, Statement[]>([...roles.values()].map((name) => [name, []]));
  for (const [, { Properties }] of ofType(template, 'AWS::IAM::Policy')) {
    const { Statement: statements } = Properties['PolicyDocument'] as { Statement: Statement[] };
    for (const { Ref } of Properties['Roles'] as { Ref: string }[])
      found.get(roles.get(Ref)!)!.push(...statements);
  }
  return found;
}

/** Everything granted or refused anywhere, with where it stands. */
export function allStatements(template: Template): [string, Statement][] {
  return resourcesOf(template).flatMap(([id, { Properties = {} }]) =>
    [Properties['PolicyDocument'], Properties['KeyPolicy'], Properties['AssumeRolePolicyDocument']].flatMap(
      (document) =>
        ((document as { Statement?: Statement[] } | undefined)?.Statement ?? []).map(
          (one): [string, Statement] => [id, one],
        ),
    ),
  );
}

export const actionsOf = ({ Action }: Statement): readonly string[] => asList(Action);

/** Text of a resource or principal, references as they stand in the template. */
export const textOf = (value: unknown): string => JSON.stringify(value);
