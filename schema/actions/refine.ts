/**
 * Operations that do different things by what is asked of them: Google turns the flow logs of a subnet on and off by
 * changing the subnet, Azure by writing them anew. `rules/refined.csv` says which member of the request tells, and the
 * action it then is; every other column follows that action.
 */

import { readFileSync } from 'node:fs';
import { readTable } from './csv.ts';
import type { ResolvedAction } from './resolve.ts';
import { allActions } from './table.ts';

interface Refinement {
  readonly member: readonly string[];
  readonly value: string;
  readonly refined: ResolvedAction;
}

const FILE = 'rules/refined.csv';
let table: ReadonlyMap<string, readonly Refinement[]> | undefined;

function readRefinements(): ReadonlyMap<string, readonly Refinement[]> {
  const text = readFileSync(new URL(FILE, import.meta.url), 'utf8');
  const actions = new Map(allActions().map((one) => [one.action, one]));
  const byAction = new Map<string, Refinement[]>();
  for (const row of readTable(text, ['action', 'member', 'value', 'refined'], `schema/actions/${FILE}`)) {
    const { action, access, class: ocsfClass, activity, attack } = actions.get(row.refined)!;
    const list = byAction.get(row.action) ?? [];
    if (list.length === 0) byAction.set(row.action, list);
    list.push({
      member: row.member.split('.'),
      value: row.value,
      refined: { action, derived: false, access, class: ocsfClass, activity, attack },
    });
  }
  return byAction;
}

/** The action that the request makes of it, or the one it was. `request` is the event's column: JSON text, or null. */
export function refineAction(resolved: ResolvedAction, request: string | null): ResolvedAction {
  if (request === null) return resolved;
  table ??= readRefinements();
  const list = table.get(resolved.action);
  if (list === undefined) return resolved;
  const asked = parsed(request);
  return list.find(({ member, value }) => valueAt(asked, member) === value)?.refined ?? resolved;
}

function parsed(request: string): unknown {
  try {
    return JSON.parse(request) as unknown;
  } catch {
    return null;
  }
}

function valueAt(root: unknown, member: readonly string[]): string | null {
  let value = root;
  for (const name of member) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : null;
}
