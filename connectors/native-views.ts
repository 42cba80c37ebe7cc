/** The native view of each source: its records under the vendor's own field names. */

import { connectors } from './registry.ts';

export interface NativeViewOf {
  /** `aws_cloudtrail`. */
  readonly view: string;
  readonly table: 'events' | 'flows';
  readonly source: string;
  readonly fields: readonly string[];
}

/** One per source that names vendor fields, in the registry's order. */
export function nativeViews(): NativeViewOf[] {
  return connectors
    .filter(({ nativeFields }) => nativeFields.length > 0)
    .map(({ id, table, nativeFields }) => ({
      view: id.replaceAll('.', '_'),
      table,
      source: id,
      fields: nativeFields,
    }));
}
