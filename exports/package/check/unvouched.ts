/** Files of a package that nothing here speaks for: what is no part of a package, and a program that is not ours. */

import { verifierFile } from '../verifier.ts';
import type { Listed } from './lists.ts';

/** Every name that packages have. */
const KNOWN =
  /^(README\.txt|verify\.py|bagit\.txt|bag-info\.txt|(tag)?manifest-sha256\.txt|custody\/record\.(json|tlog-proof)|proofs\/(checkpoint|ledger\.vkey|entries\.jsonl|stamped-checkpoint(\.consistency)?|timestamp\.(tsr|json|crl\.pem))|data\/(about\.json|cover\.(html|pdf)|coverage\.json|query\.sql|records\/(index\.jsonl|slices)|rows\/(answer|events|flows)\.(jsonl|csv|parquet)|rows\/ocsf\.jsonl|evidence\/[a-z0-9.-]+\/[0-9a-f]{64}))$/;

/** Named in one sentence. */
const MOST_NAMED = 5;

/** No signature covers what lies beside `data/`: whoever alters a package may put a program of theirs there. */
export async function unvouchedCaveats(listed: ReadonlyMap<string, Listed>): Promise<string[]> {
  const caveats: string[] = [];
  const strange = [...listed.keys()].filter((name) => !KNOWN.test(name));
  const more = strange.length > MOST_NAMED ? ` and ${strange.length - MOST_NAMED} more` : '';
  if (strange.length > 0)
    caveats.push(
      `No part of a package that is known here: ${strange.slice(0, MOST_NAMED).join(', ')}${more}.`,
    );
  const verifier = listed.get('verify.py');
  if (verifier !== undefined && verifier.sha256 !== (await verifierFile()).sha256)
    caveats.push(
      'Its verify.py is not the one of this version: do not run it, take one from where you trust it.',
    );
  return caveats;
}
