/** Every command there is, in the order of the walk. */

import type { Command } from './command.ts';
import { collectCommand } from './commands/collect.ts';
import { columnsCommand } from './commands/columns.ts';
import { compactCommand } from './commands/compact.ts';
import { connectCommand } from './commands/connect.ts';
import { coverageCommand } from './commands/coverage.ts';
import { custodyCommand } from './commands/custody.ts';
import { digestsCommand } from './commands/digests.ts';
import { discloseCommand } from './commands/disclose.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { findCommand } from './commands/find.ts';
import { holdCommand } from './commands/hold.ts';
import { importCommand } from './commands/import.ts';
import { indexCommand } from './commands/index.ts';
import { proveCommand } from './commands/prove.ts';
import { pullCommand } from './commands/pull.ts';
import { queryCommand } from './commands/query.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { redriveCommand } from './commands/redrive.ts';
import { remapCommand } from './commands/remap.ts';
import { reportCommand } from './commands/report.ts';
import { stampCommand } from './commands/stamp.ts';
import { timelineCommand } from './commands/timeline.ts';
import { verifyCommand } from './commands/verify.ts';
import { vocabularyCommand } from './commands/vocabulary.ts';

export const commands: readonly Command[] = [
  collectCommand,
  pullCommand,
  redriveCommand,
  importCommand,
  queryCommand,
  findCommand,
  timelineCommand,
  exportCommand,
  discloseCommand,
  reportCommand,
  verifyCommand,
  stampCommand,
  proveCommand,
  coverageCommand,
  holdCommand,
  compactCommand,
  remapCommand,
  rebuildCommand,
  custodyCommand,
  digestsCommand,
  indexCommand,
  connectCommand,
  doctorCommand,
  columnsCommand,
  vocabularyCommand,
];
