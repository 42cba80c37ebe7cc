/** Plans as functions: the object at each node, and whether it would be there at all. */

import type { Leaf, ObjectNode } from './plan.ts';
import { type Context, converter, instantText, type Read, reader } from './read.ts';

export type Members = Record<string, unknown>;

interface Child {
  readonly name: string;
  readonly filler: boolean;
  readonly required: boolean;
  /** One of those of which the object needs at least one. */
  readonly oneOf: boolean;
  readonly read: Read;
  /** The column of an instant, which is also written with its microseconds as `<name>_dt`. */
  readonly instant: string | null;
}

function leafReader({ value, attribute }: Leaf): Read {
  const read = reader(value);
  const convert = converter(attribute);
  return (context) => {
    const found = read(context);
    return found === undefined ? undefined : convert(found);
  };
}

function childrenOf(node: ObjectNode): Child[] {
  return node.children.map((child) => {
    const leaf = child.kind === 'leaf' ? child : null;
    const instant =
      leaf?.attribute.type === 'timestamp_t' && 'column' in leaf.value ? leaf.value.column : null;
    return {
      name: child.name,
      filler: leaf?.filler === true,
      required: node.required.includes(child.name),
      oneOf: node.atLeastOne?.includes(child.name) === true,
      read: child.kind === 'leaf' ? leafReader(child) : objectBuilder(child),
      instant,
    };
  });
}

/** The object of a node; undefined where nothing is said or something it needs is not. */
export function objectBuilder(node: ObjectNode): (context: Context) => Members | undefined {
  const children = childrenOf(node);
  const { needs } = node;
  const needsOne = node.atLeastOne !== null;
  return (context) => {
    if (needs !== null && context.row[needs] === null) return undefined;
    const members: Members = {};
    let said = false;
    let one = !needsOne;
    for (const { name, filler, required, oneOf, read, instant } of children) {
      const value = read(context);
      if (value === undefined) {
        if (required) return undefined;
        continue;
      }
      members[name] = value;
      if (!filler) said = true;
      if (oneOf) one = true;
      if (instant !== null) setInstant(members, name, context.row[instant]);
    }
    return said && one ? members : undefined;
  };
}

function setInstant(members: Members, name: string, micros: unknown): void {
  const text = instantText(micros as number);
  if (text !== undefined) members[`${name}_dt`] = text;
}

/** Whether the object of a node would be there, without making it. */
export function presence(node: ObjectNode): (context: Context) => boolean {
  const children = node.children.map((child) => ({
    name: child.name,
    filler: child.kind === 'leaf' && child.filler,
    has: child.kind === 'leaf' ? leafPresence(child) : presence(child),
  }));
  const required = children.filter(({ name }) => node.required.includes(name)).map(({ has }) => has);
  const oneOf = children.filter(({ name }) => node.atLeastOne?.includes(name) === true).map(({ has }) => has);
  const said = children.filter(({ filler }) => !filler).map(({ has }) => has);
  const { needs, atLeastOne } = node;
  const any = (checks: readonly ((context: Context) => boolean)[], context: Context): boolean => {
    for (const has of checks) if (has(context)) return true;
    return false;
  };
  // Usually what is said is also what is needed.
  const sameChecks = atLeastOne !== null && oneOf.every((has) => said.includes(has));
  return (context) => {
    if (needs !== null && context.row[needs] === null) return false;
    for (const has of required) if (!has(context)) return false;
    if (atLeastOne !== null && !any(oneOf, context)) return false;
    return sameChecks || any(said, context);
  };
}

function leafPresence(leaf: Leaf): (context: Context) => boolean {
  const read = leafReader(leaf);
  return (context) => read(context) !== undefined;
}
