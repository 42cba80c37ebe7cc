/** What a kind of report is, and what one consists of before it is drawn. */

import type { Json } from '../../vault/canonical-json.ts';
import type { Fact, Section } from '../page/page.ts';
import type { ReportContext } from './context.ts';
import type { SampleRow } from './samples.ts';
import type { Statements } from './statements.ts';

export interface ReportKind {
  /** `akashi report <name>`. */
  readonly name: string;
  /** One line for the command's help. */
  readonly summary: string;
  /** Names of the human statements that it has a place for. */
  readonly statements: readonly string[];
  /** False where no question is asked on the table `coverage`, which takes seconds to derive of a large lake. */
  readonly coverageTable?: false;
  build(context: ReportContext, statements: Statements): Promise<ReportContent>;
}

export interface ReportContent {
  /** Small print over the title. */
  readonly eyebrow: string;
  readonly title: string;
  readonly subtitle: string;
  /** Beside those that every report states: period, snapshot, ledger head. */
  readonly facts: readonly Fact[];
  readonly sections: readonly Section[];
  /** Every number that is shown, with where it comes from. */
  readonly figures: readonly ReportFigure[];
  /** What else programs should read, for `report.json`. */
  readonly data: { readonly [name: string]: Json };
  readonly samples: readonly SampleFile[];
  /** What goes into `assessment-results.json`; none is written without. */
  readonly assessment?: Assessment;
}

export interface ReportFigure {
  /** Unique in the report: `10.2.1.4/access-refused/rows`. */
  readonly id: string;
  readonly name: string;
  readonly value: number | string | null;
  /** Id of the origin. */
  readonly origin: string;
}

/** Written as CSV and as JSON lines under `samples/`. */
export interface SampleFile {
  /** Name of the question: letters, digits and `-`. */
  readonly name: string;
  /** Rows of the population that it was drawn from. */
  readonly population: number;
  readonly rows: readonly SampleRow[];
}

/** Observations for OSCAL: what was looked at and seen. Whether a control is satisfied is for the assessor to say. */
export interface Assessment {
  readonly title: string;
  /** URI that names the standard. */
  readonly standard: string;
  readonly observations: readonly Observation[];
  /** Runs of the verifier on record. */
  readonly log: readonly { readonly title: string; readonly description: string; readonly at: string }[];
}

export interface Observation {
  /** The requirement it is of, as OSCAL names it: `pci-dss-10.2.1.4`. */
  readonly control: string;
  readonly title: string;
  readonly description: string;
  /** EXAMINE for what logs and the ledger show, INTERVIEW for what a person states. */
  readonly methods: readonly ('EXAMINE' | 'INTERVIEW')[];
  readonly figures: readonly ReportFigure[];
  /** Files of the report that it rests on, by path. */
  readonly evidence: readonly string[];
  readonly remarks: string;
}
