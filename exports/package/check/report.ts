/** What the verification of a package says. */

import type { Harm, HarmCode } from '../../../stages/verify/report.ts';

export interface PackageVerification {
  ok: boolean;
  /** SHA-256 of the payload manifest, which the custody record of the export names. */
  manifestSha256: string | null;
  files: { checked: number; bytes: number };
  checkpoint: { size: number; root: string; origin: string } | null;
  /** `unproven`: written anew, so that no bytes here are theirs. */
  records: { mode: string; bodies: number; checked: number; unproven: number };
  rows: Record<string, number>;
  /** Rows derived again from the originals; null where there are none. */
  rederived: { bodies: number; rows: number; notCheckable: number } | null;
  timestamp: { time: string; authority: string; policy: string; size: number; trusted: boolean } | null;
  custody: { sealed: boolean; actor: string; case: string | null; at: string } | null;
  /** Whether the ledger's own custody record vouches for every file of the payload, rows and counts among them. */
  vouched: boolean;
  /** By code and file. */
  problems: Harm[];
  /** What a reader should know of the answer. */
  caveats: string[];
}

export const newReport = (): PackageVerification => ({
  ok: false,
  manifestSha256: null,
  files: { checked: 0, bytes: 0 },
  checkpoint: null,
  records: { mode: 'none', bodies: 0, checked: 0, unproven: 0 },
  rows: {},
  rederived: null,
  timestamp: null,
  custody: null,
  vouched: false,
  problems: [],
  caveats: [],
});

/** Most problems of one kind and file that are told one by one. */
const MOST = 20;

/** How many of a kind and file there were: a hostile package has a million names, each with a problem. */
const told = new WeakMap<PackageVerification, Map<string, number>>();

/** Adds a problem; of many alike in one file only the first are kept. */
export function tell(report: PackageVerification, code: HarmCode, key: string, detail: string): void {
  const counts = told.get(report) ?? new Map<string, number>();
  told.set(report, counts);
  const alike = `${code} ${key}`;
  const count = counts.get(alike) ?? 0;
  counts.set(alike, count + 1);
  if (count < MOST) report.problems.push({ code, key, detail });
}
