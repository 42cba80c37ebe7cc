/**
 * What services charge, as their vendors publish it: data only. On-demand list prices in USD without free tiers,
 * commitments or tax; the first tier where there are several, except where a tier is named.
 */

export const REGIONS = ['us-east-1', 'eu-central-1'] as const;
export type Region = (typeof REGIONS)[number];

/** What is counted, in the unit that a price is of. */
export type Unit =
  | 's3.standard.gb-month'
  | 's3.put'
  | 's3.get'
  | 's3.instant.gb-month'
  | 's3.instant.transition'
  | 's3.tiering.frequent.gb-month'
  | 's3.tiering.infrequent.gb-month'
  | 's3.tiering.archive-instant.gb-month'
  | 's3.tiering.monitored-object-month'
  | 's3.tiering.transition'
  | 'lambda.arm64.gb-second'
  | 'lambda.request'
  | 'sqs.standard.request'
  | 'sqs.fifo.request'
  | 'kms.key-month'
  | 'kms.request'
  | 'kms.asymmetric.request'
  | 'scheduler.invocation'
  | 'glue.request'
  | 'xray.trace'
  | 'cloudwatch.log.gb'
  | 'cloudwatch.metric-month'
  | 'cloudwatch.alarm-month'
  | 'cloudwatch.dashboard-month';

export interface Price {
  readonly unit: Unit;
  /** One of what the vendor counts, in words. */
  readonly of: string;
  readonly usd: Readonly<Record<Region, number>>;
  /** Where the vendor publishes it. */
  readonly page: string;
}

/** When the pages were looked at. */
export const PRICES_DATE = '2026-11-22';

const S3 = 'https://aws.amazon.com/s3/pricing/';
const LAMBDA = 'https://aws.amazon.com/lambda/pricing/';
const SQS = 'https://aws.amazon.com/sqs/pricing/';
const KMS = 'https://aws.amazon.com/kms/pricing/';
const GLUE = 'https://aws.amazon.com/glue/pricing/';
const XRAY = 'https://aws.amazon.com/xray/pricing/';
const EVENTS = 'https://aws.amazon.com/eventbridge/pricing/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';

const price = (unit: Unit, of: string, us: number, eu: number, page: string): Price => ({
  unit,
  of,
  usd: { 'us-east-1': us, 'eu-central-1': eu },
  page,
});

export const PRICES: readonly Price[] = [
  price('s3.standard.gb-month', 'GB-month, S3 Standard', 0.023, 0.0245, S3),
  price('s3.put', 'PUT, COPY, POST or LIST request', 0.005 / 1000, 0.0054 / 1000, S3),
  price('s3.get', 'GET or HEAD request', 0.0004 / 1000, 0.00043 / 1000, S3),
  price('s3.instant.gb-month', 'GB-month, Glacier Instant Retrieval', 0.004, 0.005, S3),
  price(
    's3.instant.transition',
    'object moved into Glacier Instant Retrieval',
    0.02 / 1000,
    0.024 / 1000,
    S3,
  ),
  price(
    's3.tiering.frequent.gb-month',
    'GB-month, Intelligent-Tiering, used within 30 days',
    0.023,
    0.0245,
    S3,
  ),
  price('s3.tiering.infrequent.gb-month', 'GB-month, after 30 days without use', 0.0125, 0.0135, S3),
  price('s3.tiering.archive-instant.gb-month', 'GB-month, after 90 days without use', 0.004, 0.005, S3),
  price(
    's3.tiering.monitored-object-month',
    'object of 128 KB or more, a month',
    0.0025 / 1000,
    0.0025 / 1000,
    S3,
  ),
  price('s3.tiering.transition', 'object moved into Intelligent-Tiering', 0.01 / 1000, 0.01 / 1000, S3),
  price('lambda.arm64.gb-second', 'GB-second on arm64', 0.0000133334, 0.0000133334, LAMBDA),
  price('lambda.request', 'invocation', 0.2 / 1e6, 0.2 / 1e6, LAMBDA),
  price('sqs.standard.request', 'request, standard queue', 0.4 / 1e6, 0.4 / 1e6, SQS),
  price('sqs.fifo.request', 'request, FIFO queue', 0.5 / 1e6, 0.5 / 1e6, SQS),
  price('kms.key-month', 'key, a month', 1, 1, KMS),
  price('kms.request', 'request, symmetric key', 0.03 / 10_000, 0.03 / 10_000, KMS),
  price('kms.asymmetric.request', 'signature with an elliptic-curve key', 0.15 / 10_000, 0.15 / 10_000, KMS),
  price('scheduler.invocation', 'invocation by EventBridge Scheduler', 1 / 1e6, 1 / 1e6, EVENTS),
  price('glue.request', 'request to the Data Catalog', 1 / 1e6, 1 / 1e6, GLUE),
  price('xray.trace', 'trace recorded', 5 / 1e6, 5 / 1e6, XRAY),
  price('cloudwatch.log.gb', 'GB of our own functions’ log lines', 0.5, 0.63, CLOUDWATCH),
  price('cloudwatch.metric-month', 'custom metric, a month', 0.3, 0.3, CLOUDWATCH),
  price('cloudwatch.alarm-month', 'alarm, a month', 0.1, 0.1, CLOUDWATCH),
  price('cloudwatch.dashboard-month', 'dashboard, a month', 3, 3, CLOUDWATCH),
];

/** What CloudWatch asks for taking in CloudTrail's events, USD a GB; keeping and asking are charged beside it. */
export const CLOUDWATCH_CLOUDTRAIL_USD_PER_GB = 0.75;

export const priceOf = (unit: Unit, region: Region): number =>
  PRICES.find((one) => one.unit === unit)!.usd[region];
