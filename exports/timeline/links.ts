/** Why a line is in, in words, where it fits what was asked for by itself. */

import type { Link, LinkKind, RecordRow, Selectors } from './model.ts';
import { selectorName } from './selection.ts';

const KINDS: Readonly<Record<keyof Selectors, { readonly kind: LinkKind; readonly noun: string }>> = {
  actors: { kind: 'actor', noun: 'actor' },
  ips: { kind: 'ip', noun: 'address' },
  targets: { kind: 'target', noun: 'target' },
  sessions: { kind: 'session', noun: 'session' },
  keys: { kind: 'key', noun: 'key' },
};

/** The selectors that a row fits, in their order. */
export function directLinks(selectors: Selectors, row: RecordRow): Link[] {
  const fits = new Set(Array.isArray(row['fits']) ? row['fits'] : []);
  return (Object.keys(KINDS) as (keyof Selectors)[]).flatMap((selector) =>
    selectors[selector].flatMap((value, at) => {
      if (!fits.has(selectorName(selector, at))) return [];
      const { kind, noun } = KINDS[selector];
      return [{ kind, because: `${noun} ${value}` }];
    }),
  );
}

const DIRECT: ReadonlySet<LinkKind> = new Set(Object.values(KINDS).map(({ kind }) => kind));

/** Whether a line fits by itself, and not only by what led to it. */
export const isDirect = (links: readonly Link[]): boolean => links.some(({ kind }) => DIRECT.has(kind));
