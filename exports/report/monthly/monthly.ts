/** The operations summary of a month, beside the month before. */

import { AkashiError } from '../../../schema/error.ts';
import type { Json } from '../../../vault/canonical-json.ts';
import type { ReportContent, ReportFigure, ReportKind } from '../kind.ts';
import type { Period } from '../period.ts';
import { actorsSection } from './actors.ts';
import { archiveSection } from './archive.ts';
import { changesSection } from './changes.ts';
import { coverageSection } from './coverage.ts';
import type { MonthlyData } from './data.ts';
import { failuresSection } from './failures.ts';
import { figuresOfReport } from './figures.ts';
import { gatherMonthly } from './gather.ts';
import { networkSection } from './network.ts';
import { summarySection } from './summary.ts';
import { volumeSection } from './volume.ts';
import { periodName } from './words.ts';

export const monthly: ReportKind = {
  name: 'monthly',
  summary:
    'operations of a month: volume, actors, failures, changes, transfers, coverage, archive; beside the month before',
  statements: [],
  coverageTable: false,
  async build(context) {
    refuseParts(context.period);
    return monthlyContent(await gatherMonthly(context));
  },
};

/** Days are compared with days, so a period is of whole ones. Throws PERIOD_INVALID. */
function refuseParts({ from, to }: Period): void {
  const part = [from, to].find((at) => at.getTime() % 86_400_000 !== 0);
  if (part === undefined) return;
  throw new AkashiError(
    'PERIOD_INVALID',
    `The period has ${part.toISOString()} in it; this report is of whole days, which begin at 00:00 UTC.`,
  );
}

/** The same rows give the same report. */
export function monthlyContent(data: MonthlyData): ReportContent {
  const figures: readonly ReportFigure[] = figuresOfReport(data);
  return {
    eyebrow: 'Operations report',
    title: periodName(data.period),
    subtitle: `What was recorded, by whom, what failed, what changed and what moved, beside ${periodName(data.before)}.`,
    facts: [{ name: 'Compared with', value: periodName(data.before) }],
    sections: [
      summarySection(data),
      volumeSection(data),
      actorsSection(data),
      failuresSection(data),
      changesSection(data),
      networkSection(data),
      coverageSection(data),
      archiveSection(data),
    ],
    figures,
    data: {
      comparedWith: { from: data.before.from.toISOString(), to: data.before.to.toISOString() },
      rows: rowsOf(data),
    },
    samples: [],
  };
}

/** All rows behind charts and tables, for programs. */
const rowsOf = ({
  activity,
  actors,
  failures,
  domains,
  watch,
  traffic,
  transfers,
  growth,
  archive,
}: MonthlyData): Json =>
  JSON.parse(
    JSON.stringify({ activity, actors, failures, domains, watch, traffic, transfers, growth, archive }),
  ) as Json;
