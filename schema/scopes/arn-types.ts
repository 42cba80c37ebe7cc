/**
 * What the resource part of an ARN names, from the table beside this file.
 *
 * A row's `resource` is the form the Service Authorization Reference gives, with `{name}` where the name stands:
 * `{x}` is a part without slash or colon, `{x/}` one that may hold slashes, `{x*}` all the rest; `{}`, `{/}` and `{*}` are
 * parts that do not name it, `{path}` is IAM's path, `{org}` an organisation's id. What stands before `|` is a resource by
 * itself, which the whole lies in. `s3:::` is S3 without region and account. `type` is CloudFormation's name, which is
 * also CloudTrail's; where there is none, `<service>:<resource type>`, as the tagging API writes it.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
 */

import { readFileSync } from 'node:fs';
import { parseCsv } from '../actions/csv.ts';
import type { ScopeKind } from './scope.ts';

/** What one row of the table says of a resource it fits. */
export interface ArnResource {
  readonly type: string;
  readonly kind: ScopeKind;
  readonly name: string | null;
  /** `/division/` of an IAM user. */
  readonly path: string | null;
  /** Version, alias or revision. */
  readonly qualifier: string | null;
  readonly org: string | null;
  /** How much of the resource part names what it lies in; 0 where nothing does. */
  readonly outer: number;
}

interface Form {
  readonly pattern: RegExp;
  readonly type: string;
  readonly kind: ScopeKind;
}

let table: Map<string, Form[]> | undefined;

/** Total: a resource that no row fits is read by AWS's general forms `type/id` and `type:id`. */
export function arnResource(service: string, global: boolean, resource: string): ArnResource {
  table ??= readForms();
  const forms = (global ? table.get(`${service}:::`) : undefined) ?? table.get(service) ?? [];
  for (const { pattern, type, kind } of forms) {
    const match = pattern.exec(resource);
    if (match === null) continue;
    const { name, path, qualifier, org, outer } = match.groups ?? { name: resource };
    return {
      type,
      kind,
      name: name ?? org ?? null,
      path: path === undefined ? null : `/${path}`,
      qualifier: qualifier ?? null,
      org: org ?? null,
      outer: outer?.length ?? 0,
    };
  }
  return generalForm(service, resource);
}

function generalForm(service: string, resource: string): ArnResource {
  const kind = /^\/?([A-Za-z][\w-]*)[/:]/.exec(resource)?.[1];
  const name = /([^/:]+)[/:]*$/.exec(resource)?.[1] ?? null;
  const type = kind === undefined ? service : `${service}:${kind}`;
  return { type, kind: 'resource', name, path: null, qualifier: null, org: null, outer: 0 };
}

function readForms(): Map<string, Form[]> {
  const text = readFileSync(new URL('arn-types.csv', import.meta.url), 'utf8');
  const forms = new Map<string, Form[]>();
  for (const [service, resource, type, kind] of parseCsv(text).slice(1)) {
    const known = forms.get(service!) ?? [];
    if (known.length === 0) forms.set(service!, known);
    const word = /^\/?([\w-]+)/.exec(resource!)?.[1];
    known.push({
      pattern: patternOf(resource!),
      type: type || (word === undefined ? service! : `${service}:${word}`),
      kind: (kind || 'resource') as ScopeKind,
    });
  }
  return forms;
}

const TOKEN = /\{(?:(path)|(\w*)([/*]?))\}|([^{]+)/g;
/** By what follows the name in braces; none of them can match in two ways, so no text takes long. */
const CHARACTERS: Readonly<Record<string, string>> = { '': '[^/:]+', '/': '[^:]+', '*': '[\\s\\S]+' };

function patternOf(resource: string): RegExp {
  const [outer, inner] = resource.split('|');
  const source = inner === undefined ? sourceOf(outer!) : `(?<outer>${sourceOf(outer!)})${sourceOf(inner)}`;
  return new RegExp(`^(?:${source})$`);
}

function sourceOf(form: string): string {
  let source = '';
  for (const [, path, name, width, literal] of form.matchAll(TOKEN)) {
    if (literal !== undefined) source += literal.replace(/[.*+?^$()[\]\\|]/g, '\\$&');
    else if (path !== undefined) source += '(?<path>(?:[^/:]+/)*)';
    else source += name === '' ? CHARACTERS[width!]! : `(?<${name}>${CHARACTERS[width!]})`;
  }
  return source;
}
