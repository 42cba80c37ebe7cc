import { readFileSync } from 'node:fs';
import { readTable } from './csv.ts';
import type { Access } from './table.ts';

/** One verb of the closed list, and what it says about an operation. */
export interface Verb {
  readonly verb: string;
  /** Null where the verb says nothing about it. */
  readonly access: Access | null;
  /** OCSF API Activity: Create, Read, Update, Delete or Other. */
  readonly activity: string;
}

interface Verbs {
  readonly closed: ReadonlyMap<string, Verb>;
  /** Vendor's word → our verb: `insert` → create. */
  readonly byWord: ReadonlyMap<string, Verb>;
}

function readVerbs(): Verbs {
  const file = 'rules/verbs.csv';
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  const closed = new Map<string, Verb>();
  const byWord = new Map<string, Verb>();
  for (const row of readTable(text, ['verb', 'access', 'activity', 'words'], `schema/actions/${file}`)) {
    const verb = { verb: row.verb, access: (row.access || null) as Access | null, activity: row.activity };
    closed.set(row.verb, verb);
    for (const word of row.words.split('|')) if (!byWord.has(word)) byWord.set(word, verb);
  }
  return { closed, byWord };
}

let verbs: Verbs | undefined;

/** The closed list every action's last segment comes from, and the vendors' words for each. Read once. */
export function actionVerbs(): Verbs {
  verbs ??= readVerbs();
  return verbs;
}
