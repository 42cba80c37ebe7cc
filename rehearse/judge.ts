/** What must hold at the end, asked of the lake by the ways that everybody has: SQL, coverage, verify, PyIceberg. */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSnapshot } from '../engine/lake-snapshot.ts';
import { runQuery } from '../engine/query.ts';
import { exportIceberg } from '../exports/iceberg.ts';
import type { Unit } from '../ledger/coverage/units.ts';
import { lakeCoverage } from '../stages/lake-coverage.ts';
import { verify } from '../stages/verify/verify.ts';
import { readHead } from '../tables/head.ts';
import { icebergAddresses } from '../tables/iceberg/addresses.ts';
import { pyIceberg } from '../test/iceberg/engines.ts';
import { type Lake, openLakeForReading } from '../vault/lake.ts';
import { akashi } from './akashi.ts';
import type { Checks, Made } from './checks.ts';
import { HOUR_MILLIS, type Plan } from './organisation/plan.ts';
import { tablesIn } from './servers/catalogue.ts';
import type { Stage } from './stage.ts';

const LIMITS = { maxRows: 1e9, maxBytes: 2 ** 40, timeoutMillis: 600_000 };
const MOST_TOLD = 5;
/** What tells records of a source apart: not all have an id of their own. */
const EVENT_ID = "case when source = 'azure.activity' then correlation_id else uid end";
const FLOW_ID = "case when source = 'aws.vpcflow' then cast(bytes as varchar) else uid end";

export interface Ways {
  readonly stage: Stage;
  readonly plan: Plan;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly pyiceberg: boolean;
  readonly checks: Checks;
}

/** Locked bytes of a blob that grew, at most, beside what it holds. */
const GROWN_SHARE = 1.1;

export async function judge(ways: Ways): Promise<void> {
  const { plan, stage, checks } = ways;
  const check: Checks['check'] = (name, make) => checks.check(name, make);
  const lake = await openLakeForReading(stage.lake);
  await check('tables in Glue are those of the head', () => catalogued(stage, lake));
  await check('every event exactly once', async () =>
    compared(
      plan.expected.events,
      await idsOf(lake, `select source, ${EVENT_ID}, count(*) from events group by all`),
    ),
  );
  await check('every flow exactly once', async () => {
    const sql = `select source, ${FLOW_ID}, count(*) from flows group by all`;
    return compared(plan.expected.flows, await idsOf(lake, sql));
  });
  await check('every injected gap is in coverage, and no other', () => gaps(ways, lake));
  await check('verify --deep is clean', async () => {
    const { ok, problems, checkpoint, bytes } = await verify(await openLakeForReading(stage.lake), {
      deep: true,
    });
    const said = ok
      ? `${checkpoint?.size ?? 0} entries, ${bytes} bytes`
      : JSON.stringify(problems).slice(0, 500);
    return { ok: ok && checkpoint !== null, said };
  });
  await check('of blobs that grew each byte was kept about once, and each is proven whole', () =>
    blobs(ways, lake),
  );
  await check('the query function counts the same', async () => {
    const asked = await stage.ask('select count(*) from events');
    const ours = await countOf(lake, 'events');
    return { ok: asked === ours, said: `${asked} of ${ours}` };
  });
  if (ways.pyiceberg) await check('PyIceberg counts the same', () => iceberg(ways));
}

async function catalogued(stage: Stage, { vault, state }: Lake): Promise<Made> {
  const { head } = await readHead(state);
  const tables = await tablesIn(stage.vendors.awsUrl());
  const shown = new Map(
    tables.map(({ Name, Parameters }) => [Name, Parameters?.['metadata_location'] ?? 'nothing']),
  );
  const wanted = await icebergAddresses(vault, head);
  const others = wanted.filter(({ name, metadata }) => shown.get(name) !== metadata);
  return {
    ok: wanted.length > 0 && others.length === 0,
    said:
      others.length === 0
        ? `${wanted.length} of ${wanted.length}`
        : others.map(({ name, metadata }) => `${name} shows ${shown.get(name)}, not ${metadata}`).join('; '),
  };
}

export async function* rowsOf(lake: Lake, sql: string): AsyncGenerator<readonly unknown[]> {
  const snapshot = await readSnapshot(lake);
  for await (const batch of await runQuery({ sql, snapshot, views: [], limits: LIMITS })) yield* batch;
}

async function countOf(lake: Lake, view: string): Promise<number> {
  let count = -1;
  for await (const [found] of rowsOf(lake, `select count(*) from ${view}`)) count = Number(found);
  return count;
}

/** By source, how often each id is there. */
async function idsOf(lake: Lake, sql: string): Promise<Map<string, Map<string, number>>> {
  const found = new Map<string, Map<string, number>>();
  for await (const [source, id, count] of rowsOf(lake, sql)) {
    const own = found.get(String(source)) ?? new Map<string, number>();
    found.set(String(source), own.set(String(id), Number(count)));
  }
  return found;
}

export function compared(
  expected: ReadonlyMap<string, ReadonlySet<string>>,
  found: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Made {
  const wrong: string[] = [];
  let count = 0;
  for (const source of new Set([...expected.keys(), ...found.keys()])) {
    const [wanted, held] = [
      expected.get(source) ?? new Set<string>(),
      found.get(source) ?? new Map<string, number>(),
    ];
    count += wanted.size;
    const missing = [...wanted].filter((id) => !held.has(id));
    const twice = [...held].filter(([id, times]) => wanted.has(id) && times > 1).map(([id]) => id);
    const unknown = [...held.keys()].filter((id) => !wanted.has(id));
    for (const [what, ids] of Object.entries({
      missing,
      'more than once': twice,
      'never generated': unknown,
    }))
      if (ids.length > 0)
        wrong.push(`${source}: ${ids.length} ${what} (${ids.slice(0, MOST_TOLD).join(', ')})`);
  }
  return { ok: wrong.length === 0, said: wrong.length === 0 ? `${count} of ${count}` : wrong.join('; ') };
}

async function gaps({ stage, plan, folder, environment }: Ways, lake: Lake) {
  const keys = join(folder, 'trail-keys.json');
  writeFileSync(keys, JSON.stringify(plan.trailKeys));
  const { out } = await akashi(
    ['digests', '--keys', keys, '--record', '--lake', stage.lake, '--json'],
    environment,
  );
  const units: Unit[] = [];
  // What is judged of digests counts from then on.
  await lakeCoverage(lake, Date.now() * 1000, {}, (unit) => units.push(unit));
  const bad = units.filter(({ verdict }) => verdict === 'gap' || verdict === 'silent');
  const has = ({ hour, hours, stream, verdict }: Unit, wanted: Plan['gaps'][number]) =>
    stream.source === wanted.source &&
    stream.account === wanted.account &&
    verdict === wanted.verdict &&
    hour <= wanted.hour / HOUR_MILLIS &&
    hour + hours > wanted.hour / HOUR_MILLIS;
  const missing = plan.gaps.filter((wanted) => !bad.some((unit) => has(unit, wanted)));
  const others = bad.filter((unit) => !plan.gaps.some((wanted) => has(unit, wanted)));
  const told = ({ source, account, hour, how }: Plan['gaps'][number]) =>
    `${source} of ${account} at ${new Date(hour).toISOString()}: ${how}`;
  const shown = ({ stream, hour, hours, verdict }: Unit) =>
    `${verdict} ${stream.source} ${stream.account} ${stream.region} ${new Date(hour * HOUR_MILLIS).toISOString()} +${hours} h`;
  return {
    ok: missing.length + others.length === 0,
    said:
      missing.length + others.length === 0
        ? `${plan.gaps.length} of ${plan.gaps.length}`
        : [
            ...missing.map((gap) => `not told: ${told(gap)}`),
            ...others.slice(0, MOST_TOLD).map((unit) => `not injected: ${shown(unit)}`),
            ...(missing.length > 0 ? [`digests said ${out.slice(-900)}`] : []),
          ].join('; '),
  };
}

async function blobs({ plan }: Ways, lake: Lake) {
  const sizes = new Map<string, number>();
  for (const delivery of plan.deliveries)
    if (delivery.kind === 'blob')
      sizes.set(delivery.name, (sizes.get(delivery.name) ?? 0) + Buffer.byteLength(delivery.text));
  const size = [...sizes.values()].reduce((sum, one) => sum + one, 0);
  const kept: Record<string, number[]> = { records: [0, 0], digest: [0, 0] };
  const sql = "select role, sum(size), count(*) from evidence where source = 'azure.activity' group by role";
  for await (const [role, bytes, count] of rowsOf(lake, sql))
    kept[String(role)] = [Number(bytes), Number(count)];
  const [held, closed] = [kept['records']![0]!, kept['digest']![1]!];
  const share = held / size;
  return {
    ok: share >= 1 && share <= GROWN_SHARE && closed >= sizes.size,
    said: `${held} of ${size} bytes (${share.toFixed(3)} times), ${closed} closed of ${sizes.size} blobs`,
  };
}

/** Tables, and what SQL calls all of their rows. */
const COUNTED: ReadonlyMap<string, string> = new Map([
  ['events', 'events_all'],
  ['flows', 'flows'],
  ['evidence', 'evidence'],
]);

async function iceberg({ stage, folder }: Ways) {
  const lake = await openLakeForReading(stage.lake);
  const location = join(folder, 'warehouse');
  rmSync(location, { recursive: true, force: true });
  const written = await exportIceberg(lake, { location, copyData: true, now: Date.now() });
  const engine = await pyIceberg();
  const request = join(folder, 'request.json');
  // Copies of events have a table of their own once their day is compacted, and a row each in either.
  const tables = written.tables.filter(({ table }) => COUNTED.has(table));
  writeFileSync(
    request,
    JSON.stringify({
      tables: Object.fromEntries(tables.map(({ name, metadata }) => [name, metadata])),
      questions: [],
    }),
  );
  const answer = await engine.read(request);
  const said: string[] = [];
  let ok = true;
  for (const [table, view] of COUNTED) {
    const ours = await countOf(lake, view);
    const own = tables.filter((one) => one.table === table);
    const theirs = own.reduce((sum, { name }) => sum + answer.tables[name]!.rows, 0);
    ok &&= own.length > 0 && ours === theirs;
    said.push(`${table} ${ours}${ours === theirs ? '' : `, PyIceberg ${theirs}`}`);
  }
  return { ok, said: said.join(', ') };
}
