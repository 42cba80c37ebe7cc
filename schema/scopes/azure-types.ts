/**
 * Resource providers and types in Microsoft's own casing, from the table beside this file. Exports write
 * `MICROSOFT.COMPUTE/VIRTUALMACHINES`, `microsoft.compute/virtualmachines` and `Microsoft.Compute/virtualMachines` for one
 * type; one spelling lets one query find all three.
 * https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/azure-services-resource-providers
 * https://learn.microsoft.com/en-us/azure/templates/
 */

import { readFileSync } from 'node:fs';
import { parseCsv } from '../actions/csv.ts';

interface Names {
  readonly providers: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, string>;
  /** Parts of types (`virtualMachines`), for types that the table does not have; those spelt in two ways left out. */
  readonly words: ReadonlyMap<string, string>;
}

let names: Names | undefined;

/** The provider's own spelling; as written where it is not in the table. */
export function providerName(written: string): string {
  names ??= readNames();
  return names.providers.get(written.toLowerCase()) ?? written;
}

/** `Microsoft.Compute/virtualMachines` for provider and types in any casing; what is in no table stays as written. */
export function typeName(provider: string, types: readonly string[]): string {
  names ??= readNames();
  const { words } = names;
  const written = [providerName(provider), ...types].join('/');
  return (
    names.types.get(written.toLowerCase()) ??
    [providerName(provider), ...types.map((type) => words.get(type.toLowerCase()) ?? type)].join('/')
  );
}

function readNames(): Names {
  const text = readFileSync(new URL('azure-types.csv', import.meta.url), 'utf8');
  const providers = new Map<string, string>();
  const types = new Map<string, string>();
  const spellings = new Map<string, Set<string>>();
  for (const [provider, list] of parseCsv(text).slice(1)) {
    providers.set(provider!.toLowerCase(), provider!);
    for (const type of list!.split(' ')) {
      types.set(`${provider}/${type}`.toLowerCase(), `${provider}/${type}`);
      for (const word of type.split('/')) {
        const key = word.toLowerCase();
        spellings.set(key, (spellings.get(key) ?? new Set()).add(word));
      }
    }
  }
  const words = new Map<string, string>();
  for (const [key, spelt] of spellings) if (spelt.size === 1) words.set(key, [...spelt][0]!);
  return { providers, types, words };
}
