/** Where a statement's parameters stand in its text. */

import type { Syntax, SyntaxNode } from './parse.ts';

export interface ParameterPlace {
  /** Positional ones are `1`, `2`, … */
  readonly name: string;
  /** Bytes of UTF-8 before it. */
  readonly at: number;
}

export function parameterPlaces(statement: SyntaxNode): readonly ParameterPlace[] {
  const places: ParameterPlace[] = [];
  const visit = (value: Syntax): void => {
    if (value === null || typeof value !== 'object') return;
    const { class: kind, identifier, query_location: at } = value as SyntaxNode;
    if (kind === 'PARAMETER') places.push({ name: String(identifier), at: Number(at) });
    else for (const part of Object.values(value)) visit(part as Syntax);
  };
  visit(statement);
  return places;
}
