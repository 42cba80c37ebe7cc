/** What a query would read: files, row groups and bytes, from the snapshot's list, the plan and the footers. */

import { withDefaults } from './limits.ts';
import { prepareJob, type QueryRequest } from './query.ts';
import type { Scan } from './sandbox/protocol.ts';

export type { Scan } from './sandbox/protocol.ts';

export interface QueryPlan {
  readonly head: string;
  /** One entry per scan; copies of overlapping days are told apart by scans of their own. */
  readonly scans: readonly Scan[];
  readonly files: number;
  readonly rowGroups: number;
  /** Compressed bytes the scans read together. */
  readonly bytes: number;
  /** Size of all files of the tables the query names. */
  readonly tableBytes: number;
}

/** Plans a query without running it. Throws as `runQuery` does. */
export async function explainQuery(request: QueryRequest): Promise<QueryPlan> {
  const limits = withDefaults(request.limits);
  const { job, sandbox } = await prepareJob(request, limits, 'explain');
  const scans: Scan[] = [];
  for await (const frame of sandbox.run(job, request.signal)) {
    if (frame.kind === 'plan') scans.push(...frame.scans);
  }
  const total = (value: (scan: Scan) => number) => scans.reduce((sum, scan) => sum + value(scan), 0);
  const files = Object.values(job.snapshot.tables).flatMap((table) => table.files);
  return {
    head: request.snapshot.head,
    scans,
    files: total((scan) => scan.files),
    rowGroups: total((scan) => scan.rowGroups),
    bytes: total((scan) => scan.bytes),
    tableBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
