/** Dollars for each GB of log, by service: prices times quantities, nothing else. */

import { functionNamed } from '../functions/list.ts';
import { SHARE_DAYS } from '../stages/verify/due.ts';
import { priceOf, type Region } from './prices.ts';
import { ASSUMED, type Measured, type Requests, type Volume } from './quantities.ts';

export type Service =
  | 'S3 storage'
  | 'S3 requests'
  | 'Lambda'
  | 'SQS'
  | 'KMS'
  | 'Scheduler'
  | 'Glue'
  | 'X-Ray'
  | 'CloudWatch';

export interface Choices {
  readonly region: Region;
  /** As `storage` of a deployment. */
  readonly storage: 'standard' | 'tiering' | 'instant';
  /** Whether each verification asks for the lock of every body, and reads every sealed checkpoint, or of what is due. */
  readonly verify: 'all' | 'due';
  /** Seconds between two seals, at least. */
  readonly sealEverySeconds: number;
}

/** As `infra/` deploys it. */
export const DEPLOYED: Omit<Choices, 'region'> = {
  storage: 'instant',
  verify: 'due',
  sealEverySeconds: ASSUMED.sealEverySeconds,
};

/** What other choices cost. */
export const LEVERS: readonly (readonly [name: string, choices: Omit<Choices, 'region'>])[] = [
  ['as deployed', DEPLOYED],
  ['sealed every ten seconds (`seal.everySeconds: 10`)', { ...DEPLOYED, sealEverySeconds: 10 }],
  ['sealed each minute (`seal.everySeconds: 60`)', { ...DEPLOYED, sealEverySeconds: 60 }],
  ['bodies in Intelligent-Tiering (`storage: tiering`)', { ...DEPLOYED, storage: 'tiering' }],
  ['all in S3 Standard (`storage: standard`)', { ...DEPLOYED, storage: 'standard' }],
  ['every lock asked for every day (`{"all": true}`)', { ...DEPLOYED, verify: 'all' }],
];

export interface Cost {
  /** USD a GB of log. */
  readonly total: number;
  readonly services: Readonly<Record<Service, number>>;
}

const MONTHS = 12;
const DAYS_A_MONTH = 365 / 12;
const GB = 1e9;
const ENTRIES_A_BUNDLE = 256;
const KEYS_A_PAGE = 1000;

/** What happens each day once a year is kept. */
interface Day {
  readonly gb: number;
  readonly objects: number;
  readonly seals: number;
  /** Compacted data files. */
  readonly files: number;
}

/** Of one lake: what one cannot take is several. */
function dayOf(volume: Volume, { bytesAnEvent }: Measured, { sealEverySeconds }: Choices): Day {
  const lakes = Math.ceil(volume.gbADay / ASSUMED.gbALake);
  const gb = volume.gbADay / lakes;
  const objects = (volume.streams / lakes) * ASSUMED.deliveriesADay;
  return {
    gb,
    objects,
    seals: Math.min(objects, 86_400 / sealEverySeconds),
    files: (gb * GB) / bytesAnEvent / ASSUMED.rowsAFile,
  };
}

/** Seconds that a verification takes once a year is kept, and the GB of bodies' claims that it holds. */
export function verificationAt(
  volume: Volume,
  measured: Measured,
  choices: Choices,
): { readonly seconds: number; readonly gb: number } {
  const day = dayOf(volume, measured, choices);
  return {
    seconds: secondsOf(verificationOf(day, measured, choices)),
    gb: (day.objects * ASSUMED.daysKept * ASSUMED.verification.bytesABody) / GB,
  };
}

/** What a lake of this volume costs each day once a year of it is kept, divided by the GB of a day. */
export function costOf(volume: Volume, measured: Measured, choices: Choices): Cost {
  const { region } = choices;
  const price = (unit: Parameters<typeof priceOf>[0]) => priceOf(unit, region);
  const day = dayOf(volume, measured, choices);
  const { gb: gbADay, objects } = day;
  const verification = verificationOf(day, measured, choices);
  const { put, get } = requestsOf(day, measured, verification);

  const { schedules } = ASSUMED;
  const scheduled =
    schedules.collectRuns + schedules.sealRuns + schedules.stampRuns + schedules.compactRuns + 1;
  const runs = objects + day.seals + scheduled;

  const services: Record<Service, number> = {
    'S3 storage': storageOf(day, measured, choices, put + get),
    'S3 requests': put * price('s3.put') + get * price('s3.get'),
    Lambda:
      gbSecondsOf(day, measured, verification) * price('lambda.arm64.gb-second') +
      runs * price('lambda.request'),
    // A message is sent, received and deleted; whoever waits for one asks all the same.
    SQS:
      (3 * objects + ASSUMED.pollsADay) * price('sqs.standard.request') +
      (3 * day.seals + ASSUMED.pollsADay) * price('sqs.fifo.request'),
    KMS:
      (ASSUMED.keys * price('kms.key-month')) / DAYS_A_MONTH +
      day.seals * price('kms.asymmetric.request') +
      ((put + get) / ASSUMED.requestsAKmsCall) * price('kms.request'),
    Scheduler: scheduled * price('scheduler.invocation'),
    Glue: day.seals * ASSUMED.glueRequestsASeal * price('glue.request'),
    'X-Ray': (day.seals + scheduled) * price('xray.trace'),
    CloudWatch:
      ((runs * ASSUMED.logBytes) / GB) * price('cloudwatch.log.gb') +
      (ASSUMED.customMetrics * price('cloudwatch.metric-month') +
        ASSUMED.alarmMetrics * price('cloudwatch.alarm-month') +
        price('cloudwatch.dashboard-month')) /
        DAYS_A_MONTH,
  };
  for (const name of Object.keys(services) as Service[]) services[name] /= gbADay;
  return { total: Object.values(services).reduce((sum, usd) => sum + usd, 0), services };
}

/** USD of a day's bytes, kept a year or as long as they are. */
function storageOf(
  { gb, objects, seals, files }: Day,
  measured: Measured,
  { region, storage }: Choices,
  requests: number,
): number {
  const price = (unit: Parameters<typeof priceOf>[0]) => priceOf(unit, region);
  const month = price('s3.standard.gb-month');
  const { evidence, parquet, merged, compacted, index } = measured.stored;
  const { sealBytes } = measured;

  // Beginning after so many days: a month as any other object, two more as one that nobody reads, then the rest.
  const tiered = (after: number) =>
    (after / DAYS_A_MONTH) * month +
    price('s3.tiering.frequent.gb-month') +
    2 * price('s3.tiering.infrequent.gb-month') +
    (MONTHS - 3 - after / DAYS_A_MONTH) * price('s3.tiering.archive-instant.gb-month');
  const tieredObject = MONTHS * price('s3.tiering.monitored-object-month') + price('s3.tiering.transition');

  const standard = storage === 'standard';
  // Small bodies stay where they are; compacted files are large, and few.
  const isMoved = !standard && (gb * GB * evidence) / objects >= ASSUMED.movedBytes;
  const bodies = !isMoved
    ? gb * evidence * MONTHS * month
    : storage === 'instant'
      ? gb * evidence * MONTHS * price('s3.instant.gb-month') + objects * price('s3.instant.transition')
      : gb * evidence * tiered(0) + objects * tieredObject;
  const lasting = gb * (compacted + index);
  const tables = standard
    ? lasting * MONTHS * month
    : lasting * tiered(ASSUMED.lastingDays) + 2 * files * tieredObject;

  const kept = (bytes: number, days: number) => (bytes / GB) * (days / DAYS_A_MONTH) * month;
  // What compaction took the place of, and lists that newer ones did, are there for snapshots of the last days.
  const replaced = kept(gb * GB * (parquet + merged) + seals * sealBytes.lists, ASSUMED.snapshotDays);
  const ledger = kept(seals * sealBytes.ledger, 365);
  const versions = kept(seals * sealBytes.state, ASSUMED.stateVersionsDays);
  const accessLogs = kept(requests * ASSUMED.accessLogBytes, ASSUMED.accessLogDays);
  return bodies + tables + replaced + ledger + versions + accessLogs;
}

/** What a verification goes through, and its requests. */
interface Verified extends Requests {
  readonly listed: number;
  readonly entries: number;
  readonly asked: number;
}

function verificationOf({ objects, seals, files }: Day, measured: Measured, { verify }: Choices): Verified {
  const held = objects * ASSUMED.daysKept;
  const sealed = seals * ASSUMED.daysKept;
  const { entries: each } = measured;
  const entries = sealed * each.seal + held * each.body;
  const weeks = seals * ASSUMED.keysASeal * ASSUMED.snapshotDays;
  const listed = held + sealed * ASSUMED.ledgerKeysASeal + weeks + 2 * files * ASSUMED.daysKept;
  const share = (all: number, ofDay: number) => (verify === 'all' ? all : ofDay + all / SHARE_DAYS);
  const locks = share(held, objects);
  const checkpoints = share(sealed, seals);
  const bundles = entries / ENTRIES_A_BUNDLE;
  return {
    listed,
    entries,
    asked: locks + checkpoints,
    // Keys of the ledger once more, by its own check.
    put: (listed + sealed * ASSUMED.ledgerKeysASeal + 2 * bundles) / KEYS_A_PAGE,
    get: locks + checkpoints + 2 * bundles,
  };
}

function secondsOf({ asked, listed, entries }: Verified): number {
  const { askedASecond, secondsAPage, entriesASecond } = ASSUMED.verification;
  return asked / askedASecond + (listed / KEYS_A_PAGE) * secondsAPage + entries / entriesASecond;
}

function requestsOf({ objects, seals, files }: Day, measured: Measured, verified: Requests): Requests {
  const { preserve, sealedBody, coldSeal, compactedSeal, expiredSeal } = measured;
  const cold = 1 / ASSUMED.sealsAnInstance;
  const of = (kind: keyof Requests): number =>
    objects * (preserve[kind] + sealedBody[kind]) +
    seals * (measured.seal[kind] * (1 - cold) + coldSeal[kind] * cold) +
    // Merged while their day grows, and once more when it is over.
    (seals + files) * compactedSeal[kind] +
    seals * expiredSeal[kind] +
    verified[kind];
  // The object is fetched from where it was delivered.
  return { put: of('put'), get: of('get') + objects };
}

const gigabytes = (name: Parameters<typeof functionNamed>[0]): number =>
  functionNamed(name).memoryMegabytes / 1024;

function gbSecondsOf({ gb, objects, seals, files }: Day, measured: Measured, verified: Verified): number {
  const { schedules, arm64Factor } = ASSUMED;
  const cpu = (seconds: number) => gb * seconds * arm64Factor;
  // Files of half a day, and of half an hour that is not merged yet.
  const searched = files / 2 + seals / 48;
  const copies = ((measured.copyNanos * searched) / measured.bytesAnEvent) * (GB / 1e9);
  return (
    gigabytes('seal') *
      (cpu(measured.cpuSeconds.seal + copies) + (seals + schedules.sealRuns) * ASSUMED.sealWaitSeconds) +
    gigabytes('compact') *
      (cpu(measured.cpuSeconds.compact) + schedules.compactRuns * schedules.compactSeconds) +
    gigabytes('ingest') * objects * ASSUMED.ingestSeconds +
    gigabytes('collect') * schedules.collectRuns * schedules.collectSeconds +
    gigabytes('stamp') * schedules.stampRuns * schedules.stampSeconds +
    gigabytes('verify') * secondsOf(verified)
  );
}
