/** One view per OCSF class, with the nested structure of its records. */

import { createRequire } from 'node:module';

export interface OcsfView {
  /** `ocsf_api_activity` */
  readonly view: string;
  /** `API Activity` */
  readonly className: string;
  /** The views its rows come from. */
  readonly tables: readonly ('events' | 'flows')[];
}

const view = (name: string, className: string, tables: OcsfView['tables'] = ['events']): OcsfView => ({
  view: `ocsf_${name}`,
  className,
  tables,
});

export const OCSF_VIEWS: readonly OcsfView[] = [
  view('api_activity', 'API Activity'),
  view('authentication', 'Authentication'),
  view('account_change', 'Account Change'),
  view('user_access', 'User Access Management'),
  view('group_management', 'Group Management'),
  view('entity_management', 'Entity Management'),
  view('datastore_activity', 'Datastore Activity'),
  view('file_hosting', 'File Hosting Activity'),
  view('network_activity', 'Network Activity', ['events', 'flows']),
  view('http_activity', 'HTTP Activity'),
  view('ssh_activity', 'SSH Activity'),
  view('process_activity', 'Process Activity'),
  view('scheduled_job_activity', 'Scheduled Job Activity'),
  view('detection_finding', 'Detection Finding'),
  view('base_event', 'Base Event', ['events', 'flows']),
];

// The schema is read when a query first names one of these views: the process of any other query starts without it.
const load = createRequire(import.meta.url);

/** SQL over the views `events` and `flows`. */
export function ocsfViewRelation({ className }: OcsfView): string {
  const { ocsfRelation } = load('./ocsf-sql.ts') as typeof import('./ocsf-sql.ts');
  return ocsfRelation(className);
}
