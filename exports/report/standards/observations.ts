/** What goes into OSCAL: one observation of the logs for each requirement, and one of each person's statement. */

import type { Assessment, Observation, ReportFigure, SampleFile } from '../kind.ts';
import type { Statements } from '../statements.ts';
import type { Gathered } from './gather.ts';
import { requirementsOf, type Standard } from './requirement.ts';

export function observations(
  standard: Standard,
  { coverage }: Gathered,
  figures: readonly ReportFigure[],
  samples: readonly SampleFile[],
  statements: Statements,
): Observation[] {
  const drawn = new Set(samples.map(({ name }) => name));
  return requirementsOf(standard).flatMap((requirement): Observation[] => {
    const { id, title, control, evidence, notCovered, statement } = requirement;
    const own = figures.filter((figure) => figure.id.startsWith(`${id}/`));
    const files = [
      ...new Set(
        evidence.flatMap((one) =>
          one.kind === 'population' && drawn.has(one.question) ? [`samples/${one.question}.jsonl`] : [],
        ),
      ),
    ];
    const stated = statement === null ? undefined : statements.get(statement.name);
    const missing =
      statement === null || stated !== undefined ? '' : ` A person's statement is needed: ${statement.needs}`;
    const logs: Observation = {
      control: controlId(standard, id),
      title: `${id} ${title}`,
      description: `Looked at: ${control} ${own.map(({ name, value }) => `${name} ${value ?? 'none'}`).join('; ')}.`,
      methods: ['EXAMINE'],
      figures: own,
      evidence: ['report.json', ...files],
      remarks: `Coverage of the period: ${coverage.verdict ?? 'nothing is held'}. Not covered by logs: ${notCovered.join(' ')}${missing}`,
    };
    if (stated === undefined) return [logs];
    return [
      logs,
      {
        control: controlId(standard, id),
        title: `${id} as stated by a person`,
        description: stated.text,
        methods: ['INTERVIEW'],
        figures: [],
        evidence: ['report.json'],
        remarks: `Stated by ${stated.by}${stated.on === null ? '' : ` on ${stated.on}`}; SHA-256 of the text ${stated.sha256}. No log shows it.`,
      },
    ];
  });
}

/** OSCAL names controls by tokens: `pci-10.2.1.4`, `soc2-CC6.1`, `iso27001-A.8.15.a`. */
export const controlId = ({ name }: Standard, id: string): string =>
  `${name}-${id.replace(/[^A-Za-z0-9._-]+/g, '-')}`;

/** Runs of the verifier on record, where the report asked for them. */
export function verifierLog({ answers }: Gathered): Assessment['log'] {
  const runs = [...answers].find(([key]) => key.startsWith('verifications-table'))?.[1].rows ?? [];
  return runs.map((row) => ({
    title: 'Verification of the lake',
    description: `${String(row['subject'] ?? 'not told')}: ${String(row['result'] ?? 'not told')}`,
    at: String(row['time']),
  }));
}
