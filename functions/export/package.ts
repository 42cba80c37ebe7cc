/** An evidence package made by a function, in a file. */

import { setTimeout as pause } from 'node:timers/promises';
import { nativeViews } from '../../connectors/native-views.ts';
import { custodyPart, packageText } from '../../exports/package/custody.ts';
import { type MadePackage, makePackage } from '../../exports/package/make.ts';
import type { RowForm } from '../../exports/package/rows.ts';
import { AkashiError } from '../../schema/error.ts';
import { recorder } from '../../stages/custody.ts';
import { readVkey } from '../../stages/ledger.ts';
import { isRecord, readNotes } from '../../stages/notes.ts';
import { readHead } from '../../tables/head.ts';
import type { Lake } from '../../vault/lake.ts';
import { callerCustodian, statementOf, subjectOf } from '../parts/asked.ts';
import type { Voice } from '../parts/powered.ts';
import { wake } from '../parts/wake.ts';
import type { ExportEvent } from './place.ts';

/** How long the sealer is given to seal the record, so that the package can carry its proof. */
const PATIENCE_MILLIS = 60_000;
const LOOK_MILLIS = 2000;

/** Throws KEY_MISSING for a lake never sealed, and as `makePackage` does. Nothing is left at `path` then. */
export async function packageFor(
  lake: Lake,
  { asked, account, records, rows, encryptTo, allowEmpty }: ExportEvent,
  path: string,
  ownAccount: string,
  voice: Voice,
): Promise<MadePackage & { readonly rows: number }> {
  const identity = await readVkey(lake.root);
  if (identity === null)
    throw new AkashiError('KEY_MISSING', 'Nothing was ever sealed here, so there is nothing to export.');
  const statement = statementOf(asked);
  const by = callerCustodian(account ?? ownAccount, asked);
  const { head } = await readHead(lake.state);
  const { record } = recorder(lake.state, head, by, { required: true, onRefused: () => {} });
  let rowCount = 0;
  const made = await makePackage({
    lake,
    identity,
    views: nativeViews(),
    asked: statement,
    mode: records,
    forms: new Set<RowForm>(rows.filter((form) => records !== 'none' || form !== 'ocsf')),
    madeFor: by.case === null ? null : { ...by, case: by.case },
    allowEmpty,
    output: encryptTo.length > 0 ? { kind: 'age', path, recipients: encryptTo } : { kind: 'zip', path },
    record: async (count, manifestSha256) => {
      rowCount = count;
      const id = await record({
        action: 'export',
        subject: subjectOf(statement),
        parameters: statement.parameters,
        rows: count,
        result: packageText(manifestSha256),
      });
      if (id === null || by.case === null) return null;
      await wake(voice);
      await untilSealed(lake, id);
      return custodyPart(lake, identity, id);
    },
  });
  return { ...made, rows: rowCount };
}

/** Waits until the record has left the inbox; after a minute it goes along as it waits. */
async function untilSealed({ state }: Lake, id: string): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MILLIS; waited += LOOK_MILLIS) {
    const { notes } = await readNotes(state);
    if (!notes.filter(isRecord).some(({ draft }) => draft.id === id)) return;
    await pause(LOOK_MILLIS);
  }
}
