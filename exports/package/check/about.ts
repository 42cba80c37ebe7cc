/** What a package says of itself, read as a stranger's word: only its form is believed here. */

import { AkashiError } from '../../../schema/error.ts';
import { ABOUT, type About } from '../about.ts';
import type { RecordsMode } from '../records.ts';
import { type PackageReader, readWhole } from './reader.ts';

/** Throws PACKAGE_UNREADABLE for what is not of the form that packages have. */
export async function readAbout(reader: PackageReader): Promise<About> {
  const bytes = await readWhole(reader, ABOUT);
  if (bytes === null) throw odd('it is not there');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw odd('it is no JSON');
  }
  const fault = faultOf(value);
  if (fault !== null) throw odd(fault);
  return value as About;
}

/** How records go along; what is said of them depends on it. */
const MODES: ReadonlySet<string> = new Set<RecordsMode>(['originals', 'slices', 'texts', 'none']);

function faultOf(value: unknown): string | null {
  const about = value as Partial<About> | null;
  if (typeof about !== 'object' || about === null) return 'it is no object';
  if (about.format !== 1) return 'it is of a format that this version does not know';
  const { snapshot, records, rows, question, versions } = about;
  const ledger = snapshot?.ledger;
  if (
    typeof ledger?.origin !== 'string' ||
    typeof ledger.size !== 'number' ||
    typeof ledger.root !== 'string'
  )
    return 'it names no ledger';
  if (typeof question?.sqlSha256 !== 'string') return 'it names no question';
  if (!MODES.has(String(records?.mode)) || typeof records?.count !== 'number') return 'it counts no records';
  if (typeof versions?.akashi !== 'string') return 'it names no version';
  const isSet = (set: unknown): boolean => {
    const { name, rows: count, columns, types } = (set ?? {}) as Partial<About['rows'][number]>;
    const areTexts = (list: unknown) => Array.isArray(list) && list.every((one) => typeof one === 'string');
    return (
      /^data\/rows\/[a-z]+$/.test(String(name)) &&
      typeof count === 'number' &&
      areTexts(columns) &&
      areTexts(types)
    );
  };
  return Array.isArray(rows) && rows.length > 0 && rows.every(isSet) ? null : 'it describes no rows';
}

const odd = (what: string): AkashiError => new AkashiError('PACKAGE_UNREADABLE', `"${ABOUT}": ${what}`);
