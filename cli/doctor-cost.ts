/** `akashi doctor --cost`: what a GB of log costs in AWS, at a lake's own volume or another. */

import { scaled, volumeOf } from '../cost/lake-volume.ts';
import { type Cost, costOf, DEPLOYED, LEVERS, type Service } from '../cost/model.ts';
import { CLOUDWATCH_CLOUDTRAIL_USD_PER_GB, PRICES_DATE, REGIONS, type Region } from '../cost/prices.ts';
import { MEASURED, VOLUMES, type Volume } from '../cost/quantities.ts';
import { AkashiError } from '../schema/error.ts';
import { openLakeForReading } from '../vault/lake.ts';
import { type Invocation, textOption } from './command.ts';
import { grouped, jsonText, textTable } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export async function doctorCost(invocation: Invocation): Promise<number> {
  const given = textOption(invocation, 'gb-per-day');
  const wanted = given === undefined ? null : Number(given);
  if (wanted !== null && !(wanted > 0 && wanted <= 1e6))
    throw new UsageError(
      `--gb-per-day takes a number of GB above 0, at most 1,000,000, but "${given}" was given.`,
    );
  const own = await openLakeForReading(invocation.lake).then(volumeOf, (error: unknown) => {
    // Without a lake there is still a price.
    if (wanted !== null) return null;
    if (error instanceof AkashiError)
      throw new AkashiError(
        error.code,
        `${error.message} Without a lake, name a volume: akashi doctor --cost --gb-per-day 100.`,
        { cause: error },
      );
    throw error;
  });
  const volumes: Volume[] =
    wanted !== null ? [scaled(own ?? VOLUMES[1]!, wanted)] : own === null ? [...VOLUMES] : [own];
  const told =
    own === null
      ? 'no lake to measure: as in docs/cost.md'
      : `from ${grouped(own.objects)} bodies of ${own.days.toFixed(1)} days`;
  const costs = volumes.map((volume) => ({
    volume,
    regions: Object.fromEntries(
      REGIONS.map((region) => [region, costOf(volume, MEASURED, { ...DEPLOYED, region })]),
    ) as Record<Region, Cost>,
    levers: LEVERS.map(([name, choices]) => ({
      name,
      total: costOf(volume, MEASURED, { ...choices, region: 'us-east-1' }).total,
    })),
  }));
  if (invocation.json) {
    process.stdout.write(
      `${jsonText({ told, prices: PRICES_DATE, cloudwatch: CLOUDWATCH_CLOUDTRAIL_USD_PER_GB, costs })}\n`,
    );
    return 0;
  }
  const right = true as const;
  for (const { volume, regions, levers } of costs) {
    const services = Object.keys(regions['us-east-1'].services) as Service[];
    const rows = [
      ...services.map((name) => [
        name,
        ...REGIONS.map((region) => regions[region].services[name].toFixed(4)),
      ]),
      ['all in', ...REGIONS.map((region) => regions[region].total.toFixed(4))],
      [
        'CloudWatch, taking in CloudTrail alone',
        ...REGIONS.map(() => CLOUDWATCH_CLOUDTRAIL_USD_PER_GB.toFixed(4)),
      ],
    ];
    const title = `USD a GB of log at ${Number(volume.gbADay.toPrecision(3))} GB a day, a year kept`;
    process.stdout.write(
      [
        textTable([{ title }, ...REGIONS.map((region) => ({ title: region, right }))], rows),
        ...levers.slice(1).map(({ name, total }) => `${name}: ${total.toFixed(4)} in us-east-1`),
        `${told}; list prices of ${PRICES_DATE}; docs/cost.md says what is measured and what assumed`,
        '',
      ].join('\n'),
    );
  }
  return 0;
}
