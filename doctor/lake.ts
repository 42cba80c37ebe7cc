/** How the lake is: openable, locked by its store, signed by its own key, sealed in time, without silences. */

import type { Unit } from '../ledger/coverage/units.ts';
import { AkashiError } from '../schema/error.ts';
import { isoMicros, isProblem, lakeCoverage } from '../stages/lake-coverage.ts';
import { signingKeyOf } from '../stages/ledger.ts';
import { drainPending } from '../vault/evidence.ts';
import { isOnS3, type Lake, openLakeForReading, writerNow } from '../vault/lake.ts';
import { type Examination, type Finding, missing, ok, reasonOf, unknown } from './finding.ts';

const AREA = 'lake';
const DAY_MICROS = 86_400e6;
/** Gaps and silences of the last week are told; older ones are `akashi coverage`'s. */
const RECENT_DAYS = 7;
/** What waits longer for its seal waits in vain, microseconds. */
const STALE_MICROS = 15 * 60e6;
/** Problems told one by one for each source. */
const SHOWN = 3;

/** `now` in milliseconds. */
export const lakeExamination = (place: string, now: number): Examination => ({
  area: AREA,
  look: async () => {
    let lake: Lake;
    try {
      lake = await openLakeForReading(place);
    } catch (error) {
      if (!(error instanceof AkashiError)) throw error;
      return [missing(AREA, `${place} cannot be opened [${error.code}]`, error.message)];
    }
    const parts = [
      () => storeLock(lake),
      () => signingKey(lake),
      () => writer(lake),
      () => inbox(lake, now * 1000),
      () => coverage(lake, now * 1000),
    ];
    const findings: Finding[] = [ok(AREA, `${lake.address} opens`)];
    for (const part of parts) findings.push(...(await part().catch(refusal)));
    return findings;
  },
});

/** What a part of the lake answered instead, which tells its own way out. */
const refusal = (error: unknown): Finding[] =>
  error instanceof AkashiError
    ? [missing(AREA, `it is not as it should be [${error.code}]`, error.message)]
    : [unknown(AREA, `part of it could not be looked at: ${reasonOf(error)}`, 'Run `akashi verify`.')];

async function storeLock({ address }: Lake): Promise<Finding[]> {
  if (!isOnS3(address))
    return [
      ok(
        AREA,
        'in a folder: who owns the disk can alter it, and the ledger proves it when they do (docs/s3.md has locks)',
      ),
    ];
  const { checkS3Lock } = await import('../vault/s3/s3-lake.ts');
  await checkS3Lock(address);
  return [ok(AREA, 'the bucket of its vault has versioning and Object Lock')];
}

async function signingKey(lake: Lake): Promise<Finding[]> {
  const key = await signingKeyOf(lake);
  if (key === null)
    return [ok(AREA, 'never sealed yet: its signing key is made by the first `akashi collect` or `pull`')];
  return [ok(AREA, `the signing key at ${key.place} is its own: ${key.vkey}`)];
}

async function writer(lake: Lake): Promise<Finding[]> {
  const holder = await writerNow(lake);
  return [ok(AREA, holder === null ? 'nobody writes it now' : `being written ${holder}`)];
}

async function inbox({ state }: Lake, now: number): Promise<Finding[]> {
  let count = 0;
  let oldest = now;
  const damaged: string[] = [];
  for await (const item of drainPending(state)) {
    count++;
    if ('problem' in item) damaged.push(`${item.key}: ${item.problem}`);
    else oldest = Math.min(oldest, item.manifest.receivedAt);
  }
  const findings = damaged
    .slice(0, SHOWN)
    .map((text) =>
      missing(
        AREA,
        `a pending entry cannot be read: ${text}`,
        'Run `akashi verify`, which tells what it was.',
      ),
    );
  if (count === damaged.length) return [...findings, ok(AREA, 'nothing that can be sealed waits')];
  const waiting = `${count - damaged.length} received and not sealed yet, the oldest ${isoMicros(oldest)}`;
  return [
    ...findings,
    now - oldest > STALE_MICROS
      ? missing(
          AREA,
          waiting,
          'Run `akashi pull` or `akashi collect`, or look at the alarms of the sealer: it has not run.',
        )
      : ok(AREA, waiting),
  ];
}

async function coverage(lake: Lake, now: number): Promise<Finding[]> {
  const problems = new Map<string, Unit[]>();
  const since = now - RECENT_DAYS * DAY_MICROS;
  const { watermarks } = await lakeCoverage(lake, now, { from: since }, (unit) => {
    if (!isProblem(unit)) return;
    const { source } = unit.stream;
    problems.set(source, [...(problems.get(source) ?? []), unit]);
  });
  if (watermarks.length === 0) return [ok(AREA, 'no records are held yet')];
  return watermarks.flatMap(({ source, until, because }) => {
    const own = problems.get(source) ?? [];
    const claimed =
      until === null
        ? `${source}: completeness is not claimed yet${because === null ? '' : ` (${because})`}`
        : `${source}: completeness is claimed before ${isoMicros(until)}${because === null ? '' : `, then: ${because}`}`;
    const told = own.slice(0, SHOWN).map(({ stream: { account, region }, hour, hours, verdict, problem }) => {
      const where = [account, region].filter((part) => part !== null).join(' ');
      const when = `${isoMicros(hour * 3600e6)} to ${isoMicros((hour + hours) * 3600e6)}`;
      return missing(
        AREA,
        `${source} ${where} ${when}: ${verdict}${problem === null ? '' : `, ${problem}`}`.replace('  ', ' '),
        `Fetch it again: \`akashi pull --since ${isoMicros(hour * 3600e6)} --until ${isoMicros((hour + hours) * 3600e6)}\`; \`akashi coverage --source ${source}\` tells all.`,
      );
    });
    const rest =
      own.length > SHOWN
        ? [
            missing(
              AREA,
              `${source}: ${own.length - SHOWN} more such times in the last ${RECENT_DAYS} days`,
              `\`akashi coverage --source ${source}\` tells all.`,
            ),
          ]
        : [];
    return [ok(AREA, claimed), ...told, ...rest];
  });
}
