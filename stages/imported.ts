/** What was taken out of other tools' stores, and what can be said of it: on record, and for whoever asks. */

import { connectorById } from '../connectors/registry.ts';
import type { Level } from '../ledger/digests/states.ts';
import { RESULT_STATES, SIGN_STATES } from '../ledger/lake-results/states.ts';
import { type Head, readHead } from '../tables/head.ts';
import type { Stores } from '../vault/evidence.ts';
import { type Lake, withWriter } from '../vault/lake.ts';
import { evidenceRows } from './evidence-rows.ts';
import { LAKE_PROOF, NO_JUDGEMENT } from './lake-results.ts';
import { openLedger } from './ledger.ts';
import { seal } from './seal.ts';
import { newestVerdicts, verdictDrafts, verdictRow } from './verdicts.ts';

/** Whose word it is that a body was taken out of another tool's store: ours. */
export const IMPORT_PROOF = 'import';

export const IMPORT_STATES = {
  IMPORTED: {
    level: 'open',
    meaning: "taken out of another tool's store: nothing proves what it was before it was received",
  },
} as const satisfies Record<string, { level: Level; meaning: string }>;

/** A verdict to put on record. */
export interface Judged {
  readonly id: string;
  readonly source: string;
  readonly state: string;
  readonly level: Level;
}

/** Seals the verdicts that say something new, under one proof; how many, and what the ledger is then. */
export async function recordVerdicts(
  lake: Lake,
  proof: string,
  judged: readonly Judged[],
  at: number,
): Promise<number> {
  return withWriter(lake, async () => {
    const { head } = await readHead(lake.state);
    const known = await newestVerdicts(lake, head, proof);
    const rows = judged.flatMap(({ id, source, ...verdict }) => {
      const last = known.get(id);
      const tells = last === undefined || (last !== verdict.state && !NO_JUDGEMENT.has(verdict.state));
      return tells ? [verdictRow({ source, proof }, id, verdict, at)] : [];
    });
    if (rows.length > 0)
      await seal(lake, await openLedger(lake), [], [], {
        asOf: at,
        verdicts: rows,
        drafts: verdictDrafts(rows),
      });
    return rows.length;
  });
}

/** Says of every body of these sources that it was imported. */
export async function recordImported(lake: Lake, sources: ReadonlySet<string>, at: number): Promise<number> {
  const judged: Judged[] = [];
  for await (const { sha256, source } of evidenceRows(lake))
    if (sources.has(source)) judged.push({ id: sha256, source, state: 'IMPORTED', level: 'open' });
  return recordVerdicts(lake, IMPORT_PROOF, judged, at);
}

/** What is known of an imported body's past. */
export interface ImportedBody {
  /** The store: `CloudTrail Lake`. */
  readonly from: string;
  readonly held: string;
  /** The state, in a word; null where it was never judged. */
  readonly verdict: string | null;
  readonly meaning: string;
}

const UNJUDGED = 'never judged: `akashi import` does, and puts it on record';

function meaningOf(state: string | undefined): string {
  if (state === undefined) return UNJUDGED;
  const all: Readonly<Record<string, { meaning: string }>> = {
    ...SIGN_STATES,
    ...RESULT_STATES,
    ...IMPORT_STATES,
  };
  return Object.hasOwn(all, state) ? all[state]!.meaning : state;
}

/** Null for a body of a source that is no import. */
export async function importedBody(
  stores: Stores,
  head: Head,
  { source, evidence }: { readonly source: string; readonly evidence: string },
): Promise<ImportedBody | null> {
  const imported = connectorById(source)?.imported;
  if (imported === undefined) return null;
  const verdict = (await newestVerdicts(stores, head, proofOf(source))).get(evidence);
  return { ...imported, verdict: verdict ?? null, meaning: meaningOf(verdict) };
}

const proofOf = (source: string): string => (source === 'aws.cloudtrail-lake' ? LAKE_PROOF : IMPORT_PROOF);

/** What was imported of one source. Times in microseconds. */
export interface ImportSummary {
  readonly source: string;
  readonly from: string;
  readonly held: string;
  readonly bodies: number;
  readonly records: number;
  readonly firstReceived: number;
  readonly lastReceived: number;
  /** Bodies by what is said of them; `UNJUDGED` where nothing is. */
  readonly verdicts: Readonly<Record<string, number>>;
}

/** One for each imported source that holds records, in the order of their names. */
export async function importSummaries(
  stores: Stores,
  head: Head,
  sources: ReadonlySet<string>,
): Promise<ImportSummary[]> {
  const wanted = [...sources].filter((source) => connectorById(source)?.imported !== undefined).sort();
  if (wanted.length === 0) return [];
  const verdicts = new Map<string, ReadonlyMap<string, string>>();
  for (const proof of new Set(wanted.map(proofOf)))
    verdicts.set(proof, await newestVerdicts(stores, head, proof));
  const found = new Map<string, ImportSummary & { verdicts: Record<string, number> }>();
  for await (const { sha256, source, role, records, receivedAt } of evidenceRows(stores, head)) {
    if (!wanted.includes(source) || role !== 'records') continue;
    const own = found.get(source) ?? {
      source,
      ...connectorById(source)!.imported!,
      bodies: 0,
      records: 0,
      firstReceived: receivedAt,
      lastReceived: receivedAt,
      verdicts: {},
    };
    const state = verdicts.get(proofOf(source))?.get(sha256) ?? 'UNJUDGED';
    own.verdicts[state] = (own.verdicts[state] ?? 0) + 1;
    found.set(source, {
      ...own,
      bodies: own.bodies + 1,
      records: own.records + records,
      firstReceived: Math.min(own.firstReceived, receivedAt),
      lastReceived: Math.max(own.lastReceived, receivedAt),
    });
  }
  return wanted.flatMap((source) => found.get(source) ?? []);
}
