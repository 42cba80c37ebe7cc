/** A standard's requirements as data: what logs can say of each, and what only people can. */

/** How far logs reach. No requirement is ever called met: that is the assessor's word. */
export type Reach =
  /** Logs show what happened; whether it is enough is for the assessor. */
  | 'shown'
  /** Logs support an answer that rests on something else as well. */
  | 'supports'
  /** Logs say nothing of it by themselves. */
  | 'person';

/** A thing that the report shows for a requirement. */
export type Evidence =
  /** Events that a question lists: counted, and a sample drawn. */
  | {
      readonly kind: 'population';
      readonly question: string;
      readonly parameters?: Readonly<Record<string, string>>;
      /** What is counted, in our words: `requests that were refused`. */
      readonly says: string;
      /** That there are any deserves a look. */
      readonly lookIfAny?: true;
    }
  /** How many rows a question answers with. */
  | {
      readonly kind: 'count';
      readonly question: string;
      readonly parameters?: Readonly<Record<string, string>>;
      readonly says: string;
      readonly lookIfAny?: true;
      readonly lookIfNone?: true;
    }
  /** The rows themselves, where they are few. */
  | {
      readonly kind: 'table';
      readonly question: string;
      readonly parameters?: Readonly<Record<string, string>>;
      readonly says: string;
      readonly lookIfNone?: true;
      readonly lookIf?: readonly LookRule[];
    }
  /** Facts that no question gives. */
  | { readonly kind: 'facts'; readonly facts: FactName };

/** Which cells of a table deserve a look. */
export interface LookRule {
  readonly column: string;
  readonly above?: number;
  readonly below?: number;
  /** Any text but this. */
  readonly not?: string;
}

export type FactName = 'coverage' | 'ledger' | 'stamps' | 'clocks';

export interface HumanStatement {
  /** The name to give it in `--statements`. */
  readonly name: string;
  /** What has to be stated. */
  readonly needs: string;
}

export interface Requirement {
  /** The standard's own number. */
  readonly id: string;
  /** In our own words. */
  readonly title: string;
  /** Which control of the organisation or of this lake is looked at. */
  readonly control: string;
  readonly reach: Reach;
  readonly evidence: readonly Evidence[];
  /** What logs do not cover. */
  readonly notCovered: readonly string[];
  /** Null where there is nothing that only a person can say. */
  readonly statement: HumanStatement | null;
}

export interface Standard {
  /** `pci`; also the beginning of names of statements. */
  readonly name: string;
  /** `PCI DSS v4.0.1, requirement 10`. */
  readonly title: string;
  readonly summary: string;
  readonly uri: string;
  /** Said at the front: what the report is, and what it is not. */
  readonly scope: string;
  readonly groups: readonly { readonly title: string; readonly requirements: readonly Requirement[] }[];
}

export const requirementsOf = ({ groups }: Standard): readonly Requirement[] =>
  groups.flatMap(({ requirements }) => requirements);
