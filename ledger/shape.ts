/** Small descriptions of JSON values: they check at run time what their type says at compile time. */

import { isCalendarDay } from './day.ts';

export interface Shape<T> {
  /** What is wrong with a value, starting with the member at fault; null when it fits. */
  readonly fault: (value: unknown) => string | null;
  /** Never present: it carries the type. */
  readonly type?: T;
}

export type ValueOf<S> = S extends Shape<infer T> ? T : never;

const shape = <T>(fits: (value: unknown) => boolean, wanted: string): Shape<T> => ({
  fault: (value) => (fits(value) ? null : `is not ${wanted}`),
});

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

export const text = shape<string>((value) => typeof value === 'string', 'text');
export const count = shape<number>(isCount, 'a whole number from 0 to 2^53 - 1');
/** Microseconds since 1970-01-01T00:00:00Z. */
export const micros = shape<number>(Number.isSafeInteger, 'a whole number of microseconds');
export const sha256 = shape<string>(
  (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  '64 lower-case hex digits',
);
export const day = shape<string>(
  (value) => typeof value === 'string' && isCalendarDay(value),
  'a day as YYYY-MM-DD',
);

/** With `optional`, a member that says yes by being there. */
export const yes = shape<true>((value) => value === true, 'true');

export const oneOf = <const T extends readonly string[]>(...names: T): Shape<T[number]> =>
  shape((value) => names.includes(value as string), `one of ${names.join(', ')}`);

export const orNull = <T>({ fault }: Shape<T>): Shape<T | null> => ({
  fault: (value) => (value === null ? null : fault(value)),
});

export const listOf = <T>({ fault }: Shape<T>): Shape<readonly T[]> => ({
  fault(value) {
    if (!Array.isArray(value)) return 'is not a list';
    const problem = value.map(fault).find((one) => one !== null);
    return problem === undefined ? null : `holds something that ${problem}`;
  },
});

/** A member that may be left out. */
export const optional = <T>({ fault }: Shape<T>): Shape<T | undefined> => ({
  fault: (value) => (value === undefined ? null : fault(value)),
});

export type Fields = { readonly [name: string]: Shape<unknown> };
type OptionalNames<F extends Fields> = {
  [N in keyof F]: undefined extends ValueOf<F[N]> ? N : never;
}[keyof F];
export type ObjectOf<F extends Fields> = {
  readonly [N in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[N]>;
} & { readonly [N in OptionalNames<F>]?: Exclude<ValueOf<F[N]>, undefined> };

/** An object with exactly these members. */
export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const inner = known(fields);
  return {
    fault(value) {
      const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
      const unknown = names.find((name) => !Object.hasOwn(fields, name));
      // An array's own names are numbers: what it is comes first.
      if (unknown === undefined || Array.isArray(value)) return inner.fault(value);
      return `${JSON.stringify(unknown.slice(0, 80))} is no member of it`;
    },
  };
}

/** An object with these members, whatever others it has. */
export function known<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  return {
    fault(value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is not an object';
      for (const [name, { fault }] of Object.entries(fields)) {
        const there = Object.hasOwn(value, name);
        if (!there && fault(undefined) !== null) return `${name} is missing`;
        const problem = there ? fault((value as Record<string, unknown>)[name]) : null;
        if (problem !== null) return `${name} ${problem}`;
      }
      return null;
    },
  };
}

/** The same, where the members must also agree with each other. */
export const agreeing = <T>(inner: Shape<T>, agree: (value: T) => string | null): Shape<T> => ({
  fault: (value) => inner.fault(value) ?? agree(value as T),
});
