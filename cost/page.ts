/** docs/cost.md, made from prices and measurements. */

import { functionNamed } from '../functions/list.ts';
import { type Cost, costOf, DEPLOYED, LEVERS, type Service, verificationAt } from './model.ts';
import { CLOUDWATCH_CLOUDTRAIL_USD_PER_GB, PRICES, PRICES_DATE, REGIONS, type Region } from './prices.ts';
import { ASSUMED, MEASURED, type Requests, VOLUMES, type Volume } from './quantities.ts';

/** USD a GB, all in, at 100 GB a day with a year kept. */
export const TARGET_USD_PER_GB = 0.05;

const usd = (value: number): string => value.toFixed(4);
const requests = ({ put, get }: Requests): string => `${put} PUT, ${get} GET`;
const grouped = (value: number): string => value.toLocaleString('en-US');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** One column for each volume, one row for each service. */
export function costTable(volumes: readonly Volume[], region: Region): string {
  const costs = volumes.map((volume) => costOf(volume, MEASURED, { ...DEPLOYED, region }));
  const row = (name: string, of: (cost: Cost) => number) => [name, ...costs.map((cost) => usd(of(cost)))];
  return table(
    ['USD a GB', ...volumes.map(({ gbADay }) => `${grouped(gbADay)} GB a day`)],
    [
      ...(Object.keys(costs[0]!.services) as Service[]).map((name) =>
        row(name, ({ services }) => services[name]),
      ),
      row('**all in**', ({ total }) => total),
      row('CloudWatch, taking in CloudTrail alone', () => CLOUDWATCH_CLOUDTRAIL_USD_PER_GB),
    ],
  );
}

export function costPage(): string {
  const [, hundred] = VOLUMES;
  const deployed = costOf(hundred!, MEASURED, { ...DEPLOYED, region: 'us-east-1' }).total;
  const { seconds, gb } = verificationAt(hundred!, MEASURED, { ...DEPLOYED, region: 'us-east-1' });
  const levers = LEVERS.map(([name, choices]) => [
    name,
    ...VOLUMES.map((volume) => usd(costOf(volume, MEASURED, { ...choices, region: 'us-east-1' }).total)),
  ]);
  const {
    stored,
    preserve,
    seal,
    sealedBody,
    coldSeal,
    compactedSeal,
    expiredSeal,
    sealBytes,
    entries,
    cpuSeconds,
    copyNanos,
  } = MEASURED;
  return [
    '# Cost',
    'What a GB of log costs in AWS, everything in it, with one year kept: list prices times measured quantities, made by ' +
      '`npm run docs` from `cost/`. A **GB** is 10⁹ bytes of log as the vendor writes it, uncompressed: what CloudWatch bills.',
    `At 100 GB a day it is **${usd(deployed)} USD a GB** as deployed. The target of ${TARGET_USD_PER_GB} is ` +
      `${deployed <= TARGET_USD_PER_GB ? 'met' : 'missed'}. \`akashi doctor --cost\` prints the same for a lake's own volume.`,
    ...REGIONS.map((region) => `## ${region}\n\n${costTable(VOLUMES, region)}`),
    `CloudWatch's ${CLOUDWATCH_CLOUDTRAIL_USD_PER_GB} is for taking a GB in; keeping it and asking are charged beside. Here both are in, but for what questions ` +
      'read: GETs and the seconds of their functions, which `akashi query --explain` tells beforehand.',
    '## What brings it down',
    table(['us-east-1, USD a GB', ...VOLUMES.map(({ gbADay }) => `${grouped(gbADay)} GB a day`)], levers),
    'Storage classes are rules of the buckets for objects of 128 KB or more; data files are reckoned as unread from the day they are moved. Bodies in Glacier Instant ' +
      'Retrieval are read at once for 0.03 USD a GB: `akashi verify --deep` over all of a year reads each once. Verification lists everything each day, ' +
      `and asks one by one for the locks of what came since and of a twenty-eighth of the rest ([how](s3.md)). Seals cost by their number, so that a small lake pays most for being queryable within a minute.`,
    `Verification looks at the whole of a lake, and a year of 100 GB a day is more than one function has time and memory for: some ${grouped(Math.round(seconds / 60))} minutes and ` +
      `${gb.toFixed(1)} GB by this reckoning, where a function has ${functionNamed('verify').timeoutSeconds / 60} minutes and ${(functionNamed('verify').memoryMegabytes / 1024).toFixed(1)} GB. It is reckoned here as if it had. When it no longer ends, the alarm ` +
      '`Unverified` rings: run `akashi verify --known F --due` on a machine each day from then on, at the same requests.',
    '## Measured',
    `${MEASURED.date}, ${MEASURED.cpu}, generated CloudTrail of ${grouped(MEASURED.bytesAnEvent)} bytes an event; requests counted at the S3 protocol by \`npm run cost\`.`,
    table(
      ['quantity', 'value'],
      [
        ['evidence, gzipped as received', `${stored.evidence} of the log`],
        ['Parquet, as sealed; merged while its day grows', `${stored.parquet}; ${stored.merged}`],
        ['Parquet, compacted', `${stored.compacted}`],
        ['identities and needles', `${stored.index}`],
        ['preserving a body', requests(preserve)],
        ['a seal', requests(seal)],
        ['a seal by an instance that starts anew', requests(coldSeal)],
        ['each body of a seal', requests(sealedBody)],
        [
          'bytes that a seal leaves',
          `${grouped(sealBytes.ledger)} in the ledger; ${grouped(sealBytes.lists)} of lists, for ${ASSUMED.snapshotDays} days; ${grouped(sealBytes.state)} of versions in the state store, for ${ASSUMED.stateVersionsDays}`,
        ],
        ['entries of the ledger', `${entries.seal} a seal, ${entries.body} a body`],
        ['merging the files of a seal', requests(compactedSeal)],
        ['giving them up', requests(expiredSeal)],
        ['CPU to normalise, store and seal', `${cpuSeconds.seal} s a GB`],
        ['CPU to look for one event in one other file of its day', `${copyNanos} ns`],
        ['CPU to merge while the day grows, and to compact', `${cpuSeconds.compact} s a GB`],
      ],
    ),
    '## Assumed',
    `An object every five minutes from each of ${VOLUMES.map(({ streams }) => grouped(streams)).join(', ')} streams (account and region) at ` +
      `${VOLUMES.map(({ gbADay }) => grouped(gbADay)).join(', ')} GB a day: more, smaller objects cost more. A seal every ${ASSUMED.sealEverySeconds} s at most, ` +
      `waiting ${ASSUMED.sealWaitSeconds} s for S3; an instance of the sealer is replaced after ${ASSUMED.sealsAnInstance}. A core of Lambda on arm64 takes ${ASSUMED.arm64Factor} times as long as the one that measured. ` +
      `${ASSUMED.ingestSeconds} s to fetch and store an object. Verification asks ${ASSUMED.verification.askedASecond} times a second, lists a page in ${ASSUMED.verification.secondsAPage} s and checks ${grouped(ASSUMED.verification.entriesASecond)} entries a second. ` +
      `${ASSUMED.customMetrics} metrics, ${ASSUMED.alarmMetrics} metrics in alarms, one dashboard, ${ASSUMED.keys} keys. S3's access logs: ${ASSUMED.accessLogBytes} bytes a request, for ${ASSUMED.accessLogDays} days. ` +
      `One lake takes ${ASSUMED.gbALake} GB a day at most, since its sealer remembers a fingerprint of each event of the day: 10,000 are reckoned as ${Math.ceil(10_000 / ASSUMED.gbALake)} lakes. ` +
      'No free tier, no tier of volume, no traffic between regions. The trail’s own bucket is not ours and not in it.',
    '## Prices',
    `As published on ${PRICES_DATE}; ask the pages again before you rely on them.`,
    table(
      ['what', ...REGIONS, 'page'],
      PRICES.map(({ of, usd: at, page }) => [
        of,
        ...REGIONS.map((region) => String(Number(at[region].toPrecision(6)))),
        page,
      ]),
    ),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}
