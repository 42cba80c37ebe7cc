/**
 * A query for somebody else to run: planned here, where the lake can be read, and executed there, where nothing can be but
 * the parts of files that the order has links to.
 */

import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TABLES, type TableName } from '../schema/columns.ts';
import { pooled } from '../vault/pool.ts';
import { engineMemory, type QueryLimits, withDefaults } from './limits.ts';
import { isElsewhere, refuseBeyond } from './plan/extent.ts';
import { wantedParts } from './plan/row-groups.ts';
import { plainFile, plan } from './planned.ts';
import type { QueryRequest } from './query.ts';
import type { Frame, Job } from './sandbox/protocol.ts';
import { Sandbox } from './sandbox/sandbox.ts';
import type { SnapshotFile } from './snapshot.ts';
import { type FetchRange, fetchParts } from './stage/linked-parts.ts';
import { type FilePlan, laySparse } from './stage/sparse-file.ts';

/** A file of the order: parts behind a link, or small enough to go along. */
type Content =
  | { readonly kind: 'linked'; readonly link: string; readonly plan: FilePlan }
  | { readonly kind: 'whole'; readonly bytes: Uint8Array };

interface OrderedFile {
  readonly table: TableName;
  /** Its path is given where it is laid out. */
  readonly facts: Omit<SnapshotFile, 'path'>;
  readonly content: Content;
}

export interface Order {
  readonly job: Omit<Job, 'snapshot' | 'threads' | 'engineMemory'>;
  readonly head: string;
  readonly files: readonly OrderedFile[];
  /** Bytes and requests that executing it takes. */
  readonly read: { readonly bytes: number; readonly requests: number; readonly files: number };
}

/** Plans a query. Throws as `runQuery` does before it runs. `link` gives a link to a key of the vault. */
export async function orderFor(
  request: QueryRequest,
  link: (key: string) => Promise<string>,
): Promise<Order> {
  const limits = withDefaults(request.limits);
  const { sandbox, job, chosen } = await plan(request, limits);
  await sandbox.close();
  await refuseBeyond(chosen, request);
  const { snapshot } = request;
  const files: OrderedFile[] = [];
  for (const part of chosen) {
    const { table } = part;
    const factsOf = (file: SnapshotFile) => {
      const { path: _, ...facts } = plainFile(file, '');
      return facts;
    };
    for (const file of part.files.filter((one) => !isElsewhere(snapshot, one)))
      files.push({
        table,
        facts: factsOf(file),
        content: { kind: 'whole', bytes: await readFile(file.path) },
      });
    const elsewhere = part.files.filter((one) => isElsewhere(snapshot, one));
    if (elsewhere.length === 0) continue;
    const wanted = await wantedParts({ ...part, files: elsewhere }, snapshot.parts!);
    const plans = await snapshot.parts!.plans(wanted);
    const links = await pooled(plans, LINKS_AT_ONCE, ({ key }) => link(key));
    for (const [at, one] of plans.entries())
      files.push({
        table,
        facts: factsOf(wanted[at]!.file),
        content: { kind: 'linked', link: links[at]!, plan: one },
      });
  }
  const { threads: _, engineMemory: __, ...rest } = job;
  return { job: rest, head: snapshot.head, files, read: extentOf(files) };
}

const LINKS_AT_ONCE = 16;
const FILES_AT_ONCE = 8;

function extentOf(files: readonly OrderedFile[]): Order['read'] {
  const ranges = files.flatMap(({ content }) => (content.kind === 'linked' ? content.plan.ranges : []));
  const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  return { bytes, requests: ranges.length, files: files.length };
}

/**
 * Lays out the files of an order and runs it in a process of its own. Throws as `Sandbox.run` does, DATA_ALTERED for
 * parts that are not those that were sealed, and what `fetchRange` throws. Nothing of it is left afterwards.
 */
export async function* execute(
  order: Order,
  limits: QueryLimits,
  fetchRange: FetchRange,
  signal?: AbortSignal,
): AsyncGenerator<Frame> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'akashi-order-'));
  const sandbox = await Sandbox.open(limits);
  try {
    const tables = Object.fromEntries(
      Object.keys(TABLES).map((table) => [table, { files: [] as SnapshotFile[] }]),
    ) as Record<TableName, { files: SnapshotFile[] }>;
    const laid = await pooled([...order.files.entries()], FILES_AT_ONCE, async ([at, { content, facts }]) => {
      const path = join(folder, `${at}.parquet`);
      if (content.kind === 'whole') await writeFile(path, content.bytes, { mode: 0o400 });
      else
        await laySparse(path, content.plan, (take) =>
          fetchParts(content.plan, content.link, fetchRange, take),
        );
      return { ...facts, path };
    });
    for (const [at, { table }] of order.files.entries()) tables[table].files.push(laid[at]!);
    const job: Job = {
      ...order.job,
      threads: limits.threads,
      engineMemory: engineMemory(limits),
      snapshot: { head: order.head, tables },
    };
    yield* sandbox.run(job, signal);
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}
