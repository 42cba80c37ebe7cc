/**
 * A flow log's bucket: `AWSLogs/account/vpcflowlogs/region/yyyy/mm/dd/`, or with Hive-compatible names.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
 */

import { bucketDays, type DayCursor } from '../../delivery/bucket-days.ts';
import { type BUCKET_SETTINGS, daysOf, placeOf, wanted } from '../../delivery/bucket-settings.ts';
import type { Feed } from '../../delivery/feed.ts';
import type { ObjectSource } from '../../delivery/object-source.ts';
import { objectSource } from '../../delivery/s3-objects.ts';
import type { SettingsOf } from '../../delivery/settings.ts';
import { roleOfKey } from '../recognise.ts';

type Settings = SettingsOf<typeof BUCKET_SETTINGS>;

const ACCOUNT = /^(?:aws-account-id=)?(\d{12})\/$/;
const KIND = /^(?:aws-service=)?vpcflowlogs\/$/;
const REGION = /^(?:aws-region=)?([a-z0-9-]+)\/$/;

export const flowBucket = (settings: Settings): Feed<DayCursor> =>
  bucketDays({
    open: (request) => objectSource(placeOf(settings), request),
    role: roleOfKey,
    streams: (source) => streams(source, settings),
    day(stream, day) {
      const [year, month, date] = day.split('-');
      return stream.includes('/aws-region=')
        ? `${stream}year=${year}/month=${month}/day=${date}/`
        : `${stream}${year}/${month}/${date}/`;
    },
    ...daysOf(settings),
  });

async function streams(source: ObjectSource, settings: Settings): Promise<string[]> {
  const { prefix = '', accounts, regions } = settings;
  const root = `${prefix}AWSLogs/`;
  const found: string[] = [];
  for (const account of await source.folders(root)) {
    const [, number] = ACCOUNT.exec(account) ?? [];
    if (number === undefined || !wanted(accounts, number)) continue;
    for (const kind of await source.folders(`${root}${account}`)) {
      if (!KIND.test(kind)) continue;
      for (const region of await source.folders(`${root}${account}${kind}`)) {
        const [, name] = REGION.exec(region) ?? [];
        if (name !== undefined && wanted(regions, name)) found.push(`${root}${account}${kind}${region}`);
      }
    }
  }
  return found;
}
