/** Where an index of observables comes in: it knows which files and row groups may hold a text. */

import type { TableName } from '../../schema/columns.ts';
import type { SnapshotFile } from '../snapshot.ts';
import type { Condition } from './condition.ts';

/** Row groups by number from 0, none if the file holds none of the texts; null for the whole file. */
export type Places = readonly number[] | null;

export interface NeedleIndex {
  /**
   * Where rows may lie whose `column` is one of `values`. A file that is absent from the answer may hold them anywhere,
   * and so may all where the answer is null: the column is not indexed. It may name too much, never too little.
   */
  places(
    table: TableName,
    column: string,
    values: readonly string[],
    files: readonly SnapshotFile[],
  ): Promise<ReadonlyMap<SnapshotFile, Places> | null>;
}

/** Answers of an index to everything that some conditions look for. */
export class KnownPlaces {
  readonly #answers = new Map<string, ReadonlyMap<SnapshotFile, Places> | null>();

  static async of(
    index: NeedleIndex | undefined,
    table: TableName,
    conditions: readonly Condition[],
    files: readonly SnapshotFile[],
  ): Promise<KnownPlaces> {
    const known = new KnownPlaces();
    if (index === undefined) return known;
    for (const [column, values] of conditions.flatMap(lookedFor)) {
      const name = nameOf(column, values);
      if (known.#answers.has(name)) continue;
      known.#answers.set(name, await index.places(table, column, values, files));
    }
    return known;
  }

  /** Whether the row group may hold one of the values; of the file as a whole for null. */
  mayHold(file: SnapshotFile, rowGroup: number | null, column: string, values: readonly string[]): boolean {
    const places = this.#answers.get(nameOf(column, values))?.get(file);
    if (places === undefined || places === null) return true;
    return rowGroup === null ? places.length > 0 : places.includes(rowGroup);
  }
}

const nameOf = (column: string, values: readonly string[]): string => JSON.stringify([column, values]);

/** Texts that a column is compared with for equality. */
function lookedFor(condition: Condition): readonly (readonly [string, readonly string[]])[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.of.flatMap(lookedFor);
    case 'compare':
      return condition.than === '=' && typeof condition.value === 'string'
        ? [[condition.column, [condition.value]]]
        : [];
    case 'in': {
      const texts = condition.values.filter((value) => typeof value === 'string');
      return texts.length === condition.values.length ? [[condition.column, texts]] : [];
    }
    default:
      return [];
  }
}
