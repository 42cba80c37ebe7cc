/**
 * Bicep as data. https://learn.microsoft.com/en-us/azure/azure-resource-manager/bicep/file
 */

import { HEADER } from './file.ts';

/** An expression as it stands: a reference, a call. Only for texts of this program, never for a setting. */
export interface BicepExpression {
  readonly expression: string;
}

export type BicepValue =
  | string
  | number
  | boolean
  | BicepExpression
  | readonly BicepValue[]
  | { readonly [name: string]: BicepValue };

export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly default?: string;
}

export interface Resource {
  readonly symbol: string;
  /** `Microsoft.Insights/diagnosticSettings@2021-05-01-preview`. */
  readonly type: string;
  /** One that is there already, and only referred to. */
  readonly existing?: true;
  /** Why it is there, above it. */
  readonly comment?: string;
  readonly body: Readonly<Record<string, BicepValue>>;
  readonly children?: readonly Resource[];
}

export interface BicepFile {
  readonly scope: 'tenant' | 'subscription' | 'resourceGroup';
  readonly extension?: string;
  readonly parameters: readonly Parameter[];
  readonly resources: readonly Resource[];
  /** By name, an expression. */
  readonly outputs?: Readonly<Record<string, string>>;
}

export const bicepExpression = (text: string): BicepExpression => ({ expression: text });

/** https://learn.microsoft.com/en-us/azure/azure-resource-manager/bicep/data-types#strings */
export const bicepText = (text: string): string =>
  `'${text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(/\$(?=\{)/g, '\\$')}'`;

export function bicepFile({ scope, extension, parameters, resources, outputs = {} }: BicepFile): string {
  const parts = [
    HEADER.map((line) => `// ${line}`).join('\n'),
    ...(extension === undefined ? [] : [`extension ${extension}`]),
    `targetScope = '${scope}'`,
    ...parameters.map((one) => {
      const value = one.default === undefined ? '' : ` = ${bicepText(one.default)}`;
      return `@description(${bicepText(one.description)})\nparam ${one.name} string${value}`;
    }),
    ...resources.map((resource) => resourceLines(resource, '').join('\n')),
    ...Object.entries(outputs).map(([name, value]) => `output ${name} string = ${value}`),
  ];
  return `${parts.join('\n\n')}\n`;
}

function resourceLines(
  { symbol, type, existing, comment, body, children = [] }: Resource,
  indent: string,
): string[] {
  const inner = `${indent}  `;
  return [
    ...(comment === undefined ? [] : [`${indent}// ${comment}`]),
    `${indent}resource ${symbol} ${bicepText(type)}${existing ? ' existing' : ''} = {`,
    ...members(body, inner),
    ...children.flatMap((child) => ['', ...resourceLines(child, inner)]),
    `${indent}}`,
  ];
}

const members = (body: Readonly<Record<string, BicepValue>>, indent: string): string[] =>
  Object.entries(body).map(([name, value]) => `${indent}${name}: ${valueText(value, indent)}`);

function valueText(value: BicepValue, indent: string): string {
  if (typeof value === 'string') return bicepText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const inner = `${indent}  `;
  if (isList(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `${inner}${valueText(item, inner)}\n`).join('')}${indent}]`;
  }
  if (isExpression(value)) return value.expression;
  return `{\n${members(value, inner).join('\n')}\n${indent}}`;
}

const isList = (value: BicepValue): value is readonly BicepValue[] => Array.isArray(value);
const isExpression = (value: BicepValue): value is BicepExpression =>
  typeof value === 'object' && 'expression' in value;
