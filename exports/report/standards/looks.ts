/** What deserves a look: told first, so that nobody has to find it among numbers. Not a finding: that is the assessor's word. */

import type { Answer } from '../context.ts';
import type { Gathered } from './gather.ts';
import { keyOf } from './gather.ts';
import type { Evidence, LookRule, Requirement } from './requirement.ts';

export interface Look {
  /** Id of the requirement. */
  readonly requirement: string;
  readonly text: string;
}

export function looksOf(requirement: Requirement, gathered: Gathered): Look[] {
  return requirement.evidence.flatMap((evidence) =>
    lookTexts(evidence, gathered).map((text) => ({ requirement: requirement.id, text })),
  );
}

/** Why a thing shown deserves a look; empty where nothing says that it does. */
export function lookTexts(evidence: Evidence, gathered: Gathered): string[] {
  switch (evidence.kind) {
    case 'population': {
      const { rows } = gathered.populations.get(evidence.question)!;
      return evidence.lookIfAny && rows > 0 ? [`${evidence.says}: ${rows.toLocaleString('en-US')}`] : [];
    }
    case 'count': {
      const rows = countOf(gathered.answers.get(keyOf(evidence))!);
      if (rows > 0 && evidence.lookIfAny) return [`${evidence.says}: ${rows.toLocaleString('en-US')}`];
      return rows === 0 && evidence.lookIfNone ? [`${evidence.says}: none`] : [];
    }
    case 'table': {
      const answer = gathered.answers.get(keyOf(evidence))!;
      if (answer.rows.length === 0) return evidence.lookIfNone ? [`${evidence.says}: none`] : [];
      const marked = answer.rows.filter((row) => marks(row, evidence.lookIf)).length;
      return marked > 0 ? [`${evidence.says}: ${marked} of ${answer.rows.length} rows stand out`] : [];
    }
    case 'facts':
      return factLooks(evidence.facts, gathered);
    default:
      return evidence satisfies never;
  }
}

/** Whether a row breaks one of the rules. */
export const marks = (row: Answer['rows'][number], rules: readonly LookRule[] = []): boolean =>
  rules.some(({ column, above, below, not }) => {
    const value = row[column];
    if (not !== undefined) return value !== not;
    if (typeof value !== 'number') return false;
    return (above !== undefined && value > above) || (below !== undefined && value < below);
  });

export const countOf = ({ rows }: Answer): number => Number(rows[0]?.['rows'] ?? 0);

function factLooks(name: Extract<Evidence, { kind: 'facts' }>['facts'], gathered: Gathered): string[] {
  const { coverage, stamps } = gathered;
  switch (name) {
    case 'coverage':
      if (coverage.verdict === null) return ['what is held of the period: nothing'];
      return coverage.hours.gap + coverage.hours.silent + coverage.hours.unknown === 0
        ? []
        : [
            `hours of all streams that have gaps: ${coverage.hours.gap}, are silent: ${coverage.hours.silent}, of which nothing can be said: ${coverage.hours.unknown}`,
          ];
    case 'stamps':
      return stamps.count === 0 ? ['time-stamps of an authority: none (akashi stamp asks for one)'] : [];
    case 'clocks': {
      const off = stamps.clocks.filter(({ offsetSeconds }) => offsetSeconds !== 0).length;
      if (off > 0)
        return [`time-stamps that differ from the lake’s clock: ${off} of ${stamps.clocks.length}`];
      return stamps.clocks.length === 0
        ? ['time-stamps of the period to compare the lake’s clock with: none']
        : [];
    }
    case 'ledger':
      return [];
    default:
      return name satisfies never;
  }
}
