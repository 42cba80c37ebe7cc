import { readdirSync, readFileSync } from 'node:fs';
import { readTable } from './csv.ts';
import { foldOperation, VENDORS, type Vendor } from './fold.ts';

/** `read` changed nothing, `write` could, `auth` is somebody proving who they are or leaving. */
export type Access = 'read' | 'write' | 'auth';

/** One canonical action: what a responder asks for, and what every vendor calls it. */
export interface Action {
  /** `domain.object.verb`. */
  readonly action: string;
  /** Plain English for people who do not read vendor manuals. */
  readonly title: string;
  readonly access: Access;
  /** OCSF class and activity captions, e.g. `Account Change` and `Create`. */
  readonly class: string;
  readonly activity: string;
  /** MITRE ATT&CK technique ids; empty where none really applies. */
  readonly attack: readonly string[];
  /** Exact operation names as each vendor writes them. */
  readonly operations: Readonly<Record<Vendor, readonly string[]>>;
  /** The file it stands in, e.g. `iam.csv`. */
  readonly file: string;
}

const COLUMNS = ['action', 'title', 'access', ...VENDORS, 'class', 'activity', 'attack'] as const;

const list = (cell: string): string[] => cell.split('|').filter((name) => name !== '');

function readActions(file: string): Action[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return readTable(text, COLUMNS, `schema/actions/${file}`).map((row) => ({
    action: row.action,
    title: row.title,
    access: row.access as Access,
    class: row.class,
    activity: row.activity,
    attack: list(row.attack),
    operations: {
      aws: list(row.aws),
      azure: list(row.azure),
      entra: list(row.entra),
      gcp: list(row.gcp),
      k8s: list(row.k8s),
      linux: list(row.linux),
    },
    file,
  }));
}

let actions: readonly Action[] | undefined;

/** Every action of every table in this folder, by file and then in the file's order. Read once. */
export function allActions(): readonly Action[] {
  actions ??= readdirSync(new URL('.', import.meta.url))
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .flatMap(readActions);
  return actions;
}

let indexes: Readonly<Record<Vendor, ReadonlyMap<string, Action>>> | undefined;

function indexOf(vendor: Vendor): Map<string, Action> {
  const index = new Map<string, Action>();
  for (const action of allActions()) {
    for (const name of action.operations[vendor]) index.set(foldOperation(vendor, name), action);
  }
  return index;
}

/**
 * Exact operation names, folded, to actions. AWS keys are `service:eventname`, GCP keys a method name, or
 * `service#method` where the same method name means different things in different services.
 */
export function actionIndexes(): Readonly<Record<Vendor, ReadonlyMap<string, Action>>> {
  indexes ??= {
    aws: indexOf('aws'),
    azure: indexOf('azure'),
    entra: indexOf('entra'),
    gcp: indexOf('gcp'),
    k8s: indexOf('k8s'),
    linux: indexOf('linux'),
  };
  return indexes;
}
