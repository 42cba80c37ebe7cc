/**
 * Terraform's language as data, written the way `terraform fmt` writes it.
 * https://developer.hashicorp.com/terraform/language/syntax/configuration
 */

import { HEADER } from './file.ts';

/** An expression as it stands: a reference, a call. Only for texts of this program, never for a setting. */
export interface Expression {
  readonly expression: string;
}

export type HclValue =
  | string
  | number
  | boolean
  | Expression
  | readonly HclValue[]
  | { readonly [name: string]: HclValue };

/** `resource "type" "name" { … }`. */
export interface Block {
  readonly type: string;
  readonly labels?: readonly string[];
  /** Why it is there, above it. */
  readonly comment?: string;
  readonly attributes?: Readonly<Record<string, HclValue>>;
  readonly blocks?: readonly Block[];
}

/** A resource of a provider. */
export const resource = (
  type: string,
  name: string,
  attributes: Readonly<Record<string, HclValue>>,
  more: Partial<Block> = {},
): Block => ({ type: 'resource', labels: [type, name], attributes, ...more });

export const expression = (text: string): Expression => ({ expression: text });

/** A text in quotes. What would begin an interpolation or directive of a template is doubled, so that it is text again. */
export const quoted = (text: string): string =>
  `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/[$%](?=\{)/g, '$&$&')}"`;

/** A file of blocks. */
export function hclFile(blocks: readonly Block[]): string {
  const head = HEADER.map((line) => `# ${line}`).join('\n');
  return `${[head, ...blocks.map((block) => lines(block, '').join('\n'))].join('\n\n')}\n`;
}

function lines(
  { type, labels = [], comment, attributes = {}, blocks = [] }: Block,
  indent: string,
): string[] {
  const head = [type, ...labels.map(quoted)].join(' ');
  const above = comment === undefined ? [] : [`${indent}# ${comment}`];
  const inner = `${indent}  `;
  const body = aligned(attributes, inner);
  const nested = blocks.flatMap((block, at) => [
    ...(at > 0 || body.length > 0 ? [''] : []),
    ...lines(block, inner),
  ]);
  if (body.length + nested.length === 0) return [...above, `${indent}${head} {}`];
  return [...above, `${indent}${head} {`, ...body, ...nested, `${indent}}`];
}

/** Equals signs stand in one column within each run of lines; a value of several lines ends a run. */
function aligned(members: Readonly<Record<string, HclValue>>, indent: string): string[] {
  const entries = Object.entries(members).map(([name, value]) => ({ name, text: valueText(value, indent) }));
  const result: string[] = [];
  for (let at = 0; at < entries.length; ) {
    let end = at;
    while (end < entries.length && !entries[end]!.text.includes('\n')) end++;
    const run = entries.slice(at, end);
    const width = Math.max(0, ...run.map(({ name }) => name.length));
    for (const { name, text } of run) result.push(`${indent}${name.padEnd(width)} = ${text}`);
    const long = entries[end];
    if (long !== undefined) result.push(`${indent}${long.name} = ${long.text}`);
    at = end + 1;
  }
  return result;
}

function valueText(value: HclValue, indent: string): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (isExpression(value)) return value.expression;
  const inner = `${indent}  `;
  if (isList(value)) {
    if (value.length === 0) return '[]';
    const items = value.map((item) => valueText(item, inner));
    if (items.length === 1 && !items[0]!.includes('\n')) return `[${items[0]}]`;
    return `[\n${items.map((item) => `${inner}${item},\n`).join('')}${indent}]`;
  }
  const names = Object.fromEntries(
    Object.entries(value).map(([name, one]) => [/^[A-Za-z_][\w-]*$/.test(name) ? name : quoted(name), one]),
  );
  const body = aligned(names, inner);
  return body.length === 0 ? '{}' : `{\n${body.join('\n')}\n${indent}}`;
}

const isList = (value: HclValue): value is readonly HclValue[] => Array.isArray(value);
const isExpression = (value: HclValue): value is Expression =>
  typeof value === 'object' && 'expression' in value;
