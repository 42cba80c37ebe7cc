/** Dollars for each GB of log, by service: prices times quantities, nothing else. */

import { priceOf, type Region } from './prices.ts';
import { ASSUMED, type Measured, type Volume } from './quantities.ts';

export type Service = 'S3 storage' | 'S3 requests' | 'Lambda' | 'SQS' | 'KMS' | 'Scheduler' | 'CloudWatch';

export interface Choices {
  readonly region: Region;
  /** Where the vault's objects lie: in S3 Standard, or in Intelligent-Tiering from the start. */
  readonly storage: 'standard' | 'tiering';
  /** Days between verifications, each of which asks for the lock of every body. */
  readonly verifyEveryDays: number;
  /** Seconds between two seals, at least. */
  readonly sealEverySeconds: number;
}

/** As `infra/` deploys it. */
export const DEPLOYED: Omit<Choices, 'region'> = {
  storage: 'tiering',
  verifyEveryDays: 1,
  sealEverySeconds: ASSUMED.sealEverySeconds,
};

/** What other choices cost: all in S3 Standard, and what one saving after the other brings. */
export const LEVERS: readonly (readonly [name: string, choices: Omit<Choices, 'region'>])[] = [
  ['as deployed', DEPLOYED],
  ['all in S3 Standard instead (`storage: standard`)', { ...DEPLOYED, storage: 'standard' }],
  ['as deployed, and verified each week', { ...DEPLOYED, verifyEveryDays: 7 }],
  ['… and sealed each minute', { ...DEPLOYED, verifyEveryDays: 7, sealEverySeconds: 60 }],
];

export interface Cost {
  /** USD a GB of log. */
  readonly total: number;
  readonly services: Readonly<Record<Service, number>>;
}

const MONTHS = 12;
const DAYS_A_MONTH = 365 / 12;
const GB = 1e9;

/** What a lake of this volume costs each day once a year of it is kept, divided by the GB of a day. */
export function costOf({ gbADay, streams }: Volume, measured: Measured, choices: Choices): Cost {
  const { region, storage, verifyEveryDays, sealEverySeconds } = choices;
  const price = (unit: Parameters<typeof priceOf>[0]) => priceOf(unit, region);
  const objects = streams * ASSUMED.deliveriesADay;
  const seals = Math.min(objects, 86_400 / sealEverySeconds);
  const held = objects * ASSUMED.daysKept;
  const verifications = 1 / verifyEveryDays;

  const { preserve, seal, sealedBody, compactedFile } = measured;
  // Each seal leaves a file of events; compaction reads it once.
  const requests = (kind: 'put' | 'get') =>
    objects * (preserve[kind] + sealedBody[kind]) + seals * (seal[kind] + compactedFile[kind]);
  const puts = requests('put') + (verifications * 2 * held) / 1000;
  const gets = requests('get') + objects + verifications * held;

  const { evidence, compacted, parquet, index } = measured.stored;
  const standard = MONTHS * price('s3.standard.gb-month');
  const tiered =
    price('s3.tiering.frequent.gb-month') +
    2 * price('s3.tiering.infrequent.gb-month') +
    (MONTHS - 3) * price('s3.tiering.archive-instant.gb-month');
  const isTiered = storage === 'tiering';
  // Small bodies stay where they are; compacted files are large, and few.
  const bodiesAreTiered = isTiered && (gbADay * GB * evidence) / objects >= ASSUMED.tieredBytes;
  const vault = evidence * (bodiesAreTiered ? tiered : standard) + compacted * (isTiered ? tiered : standard);
  const moved = bodiesAreTiered ? objects : 0;
  const moving =
    moved * (MONTHS * price('s3.tiering.monitored-object-month') + price('s3.tiering.transition'));
  const beside = (index + (measured.sealBytes * seals) / GB / gbADay) * standard;
  const versions =
    ((measured.stateBytes * seals) / GB / gbADay) *
    (ASSUMED.stateVersionsDays / DAYS_A_MONTH) *
    price('s3.standard.gb-month');
  // Files that compaction took the place of stay for a week.
  const weeks = (parquet * 7 * price('s3.standard.gb-month')) / DAYS_A_MONTH;

  const { memory, schedules, arm64Factor } = ASSUMED;
  const cpu = (seconds: number) => gbADay * seconds * arm64Factor;
  const gbSeconds =
    memory.seal * (cpu(measured.cpuSeconds.seal) + seals * ASSUMED.sealWaitSeconds) +
    memory.compact * (cpu(measured.cpuSeconds.compact) + schedules.compactRuns * schedules.compactSeconds) +
    memory.ingest * objects * ASSUMED.ingestSeconds +
    memory.collect * schedules.collectRuns * schedules.collectSeconds +
    memory.stamp * schedules.stampRuns * schedules.stampSeconds +
    (memory.verify * verifications * held) / ASSUMED.verifiedASecond;
  const scheduled = schedules.collectRuns + schedules.stampRuns + schedules.compactRuns + verifications;
  const invocations = objects + seals + scheduled;

  const services: Record<Service, number> = {
    'S3 storage': gbADay * (vault + beside + versions + weeks) + moving,
    'S3 requests': puts * price('s3.put') + gets * price('s3.get'),
    Lambda: gbSeconds * price('lambda.arm64.gb-second') + invocations * price('lambda.request'),
    // A message is sent, received and deleted.
    SQS: 3 * objects * price('sqs.standard.request') + 3 * seals * price('sqs.fifo.request'),
    KMS:
      (ASSUMED.keys * price('kms.key-month')) / DAYS_A_MONTH +
      seals * price('kms.asymmetric.request') +
      ((puts + gets) / ASSUMED.requestsAKmsCall) * price('kms.request'),
    Scheduler: scheduled * price('scheduler.invocation'),
    CloudWatch:
      ((invocations * ASSUMED.logBytes) / GB) * price('cloudwatch.log.gb') +
      (ASSUMED.customMetrics * price('cloudwatch.metric-month') +
        ASSUMED.alarms * price('cloudwatch.alarm-month') +
        price('cloudwatch.dashboard-month')) /
        DAYS_A_MONTH,
  };
  for (const name of Object.keys(services) as Service[]) services[name] /= gbADay;
  return { total: Object.values(services).reduce((sum, usd) => sum + usd, 0), services };
}
