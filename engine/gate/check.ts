/**
 * Walks a statement's syntax tree and admits only what is known and wanted: every kind of node, every table and every
 * function has to be on a list. What is not on a list is refused, so that a new DuckDB version cannot bring in a new
 * way out unseen.
 */

import { editDistance } from '../../schema/edit-distance.ts';
import { AkashiError } from '../../schema/error.ts';
import { foldName } from '../sql-text.ts';
import { functionAllowed, refusalReason, TABLE_FUNCTIONS } from './functions.ts';
import type { Syntax, SyntaxNode } from './parse.ts';
import { charactersBefore, placeInText } from './place.ts';

const QUERY_NODES = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE']);
const EXPRESSIONS = new Set(
  (
    'BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA LAMBDA_REF OPERATOR ' +
    'PARAMETER POSITIONAL_REFERENCE STAR SUBQUERY TYPE WINDOW'
  ).split(' '),
);
const TABLES = new Set(
  'BASE_TABLE SUBQUERY JOIN TABLE_FUNCTION EXPRESSION_LIST EMPTY PIVOT SHOW_REF'.split(' '),
);

/** Names of common table expressions, inside out; only plain names, so that none can shadow a file or system table. */
type Scope = ReadonlySet<string>;
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_$]*$/u;

export interface Checked {
  /** Published views the statement reads, lower case. */
  readonly views: ReadonlySet<string>;
  /** How many expressions of each name parameters have; positional ones are `1`, `2`, … */
  readonly parameters: ReadonlySet<string>;
}

/** Throws AkashiError SQL_NOT_ALLOWED or SQL_UNKNOWN_TABLE with the place in `sql`. */
export function checkTree(sql: string, statement: SyntaxNode, published: readonly string[]): Checked {
  const checker = new Checker(sql, published);
  checker.visit(statement['node'] ?? null, new Set());
  return checker;
}

class Checker implements Checked {
  readonly views = new Set<string>();
  readonly parameters = new Set<string>();
  readonly #sql: string;
  readonly #published: readonly string[];

  constructor(sql: string, published: readonly string[]) {
    this.#sql = sql;
    this.#published = published;
  }

  visit(value: Syntax, scope: Scope): void {
    if (Array.isArray(value)) {
      for (const element of value as readonly Syntax[]) this.visit(element, scope);
      return;
    }
    if (value === null || typeof value !== 'object') return;
    const node = value as SyntaxNode;
    if ('cte_map' in node) this.#query(node, scope);
    else if ('class' in node) this.#expression(node, scope);
    else if ('sample' in node && 'type' in node) this.#table(node, scope);
    else this.#members(node, scope);
  }

  #members(node: SyntaxNode, scope: Scope): void {
    for (const member of Object.keys(node)) this.visit(node[member] ?? null, scope);
  }

  #query(node: SyntaxNode, outer: Scope): void {
    const type = String(node['type']);
    if (!QUERY_NODES.has(type)) this.#refuse(node, `${type} is no kind of query that is allowed here`);
    let scope = outer;
    const entries = ((node['cte_map'] as SyntaxNode)['map'] ?? []) as readonly SyntaxNode[];
    for (const { key, value } of entries) {
      const name = this.#cteName(node, String(key));
      // Its own text sees the names before it; itself only where it is recursive, which its node says.
      this.visit(value ?? null, scope);
      scope = new Set(scope).add(name);
    }
    const { cte_map: _, cte_name: recursive, left, ...rest } = node;
    this.visit(left ?? null, scope);
    // Only the part that repeats sees its own name; in the part it starts from, that name means something else.
    if (typeof recursive === 'string') scope = new Set(scope).add(this.#cteName(node, recursive));
    this.#members(rest, scope);
  }

  #cteName(node: SyntaxNode, name: string): string {
    if (!PLAIN_NAME.test(name)) {
      this.#refuse(node, `a WITH name is a plain word, not ${show(name)}: rename it`);
    }
    return foldName(name);
  }

  #expression(node: SyntaxNode, scope: Scope): void {
    const kind = String(node['class']);
    if (!EXPRESSIONS.has(kind)) this.#refuse(node, `${kind} is no kind of expression that is allowed here`);
    if (kind === 'CONSTANT') return;
    if (kind === 'PARAMETER') this.parameters.add(String(node['identifier']));
    if (kind === 'FUNCTION' || kind === 'WINDOW') this.#function(node);
    this.#members(node, scope);
  }

  #function(node: SyntaxNode): void {
    const name = foldName(String(node['function_name']));
    this.#refuseQualified(node, node['catalog'], node['schema'], `function ${show(name)}`);
    if (!functionAllowed(name)) {
      const why = refusalReason(name) ?? 'it is not on the list of functions a query may call';
      this.#refuse(node, `function ${show(name)} is not allowed: ${why}`);
    }
  }

  #table(node: SyntaxNode, scope: Scope): void {
    const type = String(node['type']);
    if (!TABLES.has(type)) this.#refuse(node, `${type} is no kind of table that is allowed here`);
    if (type === 'SHOW_REF' && (node['query'] ?? null) === null) {
      this.#refuse(
        node,
        'SHOW TABLES, and DESCRIBE or SUMMARIZE of a view, are the only statements of their kind',
      );
    }
    if (type === 'BASE_TABLE') this.#baseTable(node, scope);
    else if (type === 'TABLE_FUNCTION') this.#tableFunction(node, scope);
    else this.#members(node, scope);
  }

  #baseTable(node: SyntaxNode, scope: Scope): void {
    const name = String(node['table_name']);
    const folded = foldName(name);
    this.#refuseQualified(node, node['catalog_name'], node['schema_name'], `table ${show(name)}`);
    if ((node['at_clause'] ?? null) !== null) {
      this.#refuse(node, 'AT (VERSION …) is not supported: a query reads the lake as it is now');
    }
    if (scope.has(folded)) return;
    if (!this.#published.includes(folded)) {
      const near =
        folded.length > 64 ? undefined : this.#published.find((view) => editDistance(view, folded) <= 2);
      const meant = near === undefined ? '' : `; did you mean ${near}?`;
      const message = `there is no table ${show(name)}${meant || ';'} there are ${this.#published.join(', ')}`;
      throw new AkashiError('SQL_UNKNOWN_TABLE', this.#place(node, message));
    }
    this.views.add(folded);
  }

  #tableFunction(node: SyntaxNode, scope: Scope): void {
    const call = node['function'] as SyntaxNode | null;
    if (call?.['class'] !== 'FUNCTION') this.#refuse(node, 'only a function call can stand here');
    const name = foldName(String(call!['function_name']));
    this.#refuseQualified(node, call!['catalog'], call!['schema'], `function ${show(name)}`);
    if (!TABLE_FUNCTIONS.has(name)) {
      const why =
        refusalReason(name) ?? `the functions allowed in FROM are ${[...TABLE_FUNCTIONS].join(', ')}`;
      this.#refuse(node, `function ${show(name)} is not allowed in FROM: ${why}`);
    }
    const { function: _, ...rest } = node;
    this.visit(call!['children'] ?? null, scope);
    this.#members(rest, scope);
  }

  /** `main` is what the parser itself writes before some built-in functions. */
  #refuseQualified(node: SyntaxNode, catalog: Syntax | undefined, schema: Syntax | undefined, what: string) {
    if ((catalog ?? '') === '' && ['', 'main'].includes(foldName(String(schema ?? '')))) return;
    this.#refuse(node, `${what} is named with a catalog or schema; write the name alone`);
  }

  #refuse(node: SyntaxNode, message: string): never {
    throw new AkashiError('SQL_NOT_ALLOWED', this.#place(node, message));
  }

  #place(node: SyntaxNode, message: string): string {
    // Nodes are placed in bytes, unlike syntax errors; one without a place says 2^64 - 1.
    const offset = charactersBefore(this.#sql, Number(node['query_location'] ?? Number.NaN));
    return placeInText(this.#sql, offset, message);
  }
}

/** A name as it can be shown on one line. */
const show = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
