/**
 * A trail's bucket: `AWSLogs/[organisation/]account/CloudTrail[-Digest, -Insight, …]/region/yyyy/mm/dd/`.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 */

import { bucketDays, type DayCursor } from '../../delivery/bucket-days.ts';
import { daysOf, placeOf, wanted } from '../../delivery/bucket-settings.ts';
import type { Feed } from '../../delivery/feed.ts';
import type { ObjectSource } from '../../delivery/object-source.ts';
import { objectSource } from '../../delivery/s3-objects.ts';
import type { SettingsOf } from '../../delivery/settings.ts';
import { roleOfKey } from '../recognise.ts';
import type { TRAIL_BUCKET_SETTINGS } from './settings.ts';

type Settings = SettingsOf<typeof TRAIL_BUCKET_SETTINGS>;

export const trailBucket = (settings: Settings): Feed<DayCursor> =>
  bucketDays({
    open: (request) => objectSource(placeOf(settings), request),
    role: roleOfKey,
    streams: (source) => streams(source, settings),
    day: (stream, day) => `${stream}${day.replaceAll('-', '/')}/`,
    ...daysOf(settings),
  });

const ORGANIZATION = /^o-[a-z0-9]+\/$/;
const ACCOUNT = /^\d{12}\/$/;
const KIND = /^CloudTrail(?:-[A-Za-z]+)?\/$/;

async function streams(source: ObjectSource, settings: Settings): Promise<string[]> {
  const { prefix = '', organization, accounts, regions } = settings;
  const root = `${prefix}AWSLogs/`;
  const found: string[] = [];
  const names = await source.folders(root);
  const roots = names
    .filter((name) => ORGANIZATION.test(name) && (organization === undefined || name === `${organization}/`))
    .map((name) => `${root}${name}`);
  if (organization === undefined) roots.push(root);
  for (const parent of roots) {
    const below = parent === root ? names : await source.folders(parent);
    for (const account of below) {
      if (!ACCOUNT.test(account) || !wanted(accounts, account.slice(0, -1))) continue;
      for (const kind of await source.folders(`${parent}${account}`)) {
        if (!KIND.test(kind)) continue;
        for (const region of await source.folders(`${parent}${account}${kind}`))
          if (wanted(regions, region.slice(0, -1))) found.push(`${parent}${account}${kind}${region}`);
      }
    }
  }
  return found;
}
