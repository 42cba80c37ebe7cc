/** Lakes to make timelines of: the sample incident, and trails made up for one test. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativeViews } from '../../../connectors/native-views.ts';
import { readSnapshot } from '../../../engine/lake-snapshot.ts';
import { gatherTimeline, type TimelineRequest } from '../../../exports/timeline/gather.ts';
import type { Selectors, TimelineData } from '../../../exports/timeline/model.ts';
import { collect } from '../../../stages/collect.ts';
import { openLake } from '../../../vault/lake.ts';

export const SAMPLES = fileURLToPath(new URL('../../../samples/', import.meta.url));

/** After anything that is collected here, so that all of it counts and every delay has passed. */
export const AS_OF = Date.parse('2100-01-01T00:00:00Z') * 1000;

export class Lakes {
  readonly folder = mkdtempSync(join(tmpdir(), 'akashi-timeline-'));

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes files and returns their folder. */
  files(name: string, bodies: Readonly<Record<string, string>>): string {
    for (const [file, body] of Object.entries(bodies)) {
      const path = join(this.folder, name, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, body);
    }
    return join(this.folder, name);
  }

  /** Collects paths, in their order, into a lake. */
  async collect(name: string, paths: readonly string[]): Promise<string> {
    await collect(await openLake(this.path(name)), [...paths], { threads: 1 });
    return this.path(name);
  }
}

export const NOBODY: Selectors = { actors: [], ips: [], targets: [], sessions: [], keys: [] };

export async function timelineOf(
  folder: string,
  selectors: Partial<Selectors>,
  request: Partial<TimelineRequest> = {},
): Promise<TimelineData> {
  const lake = await openLake(folder);
  const base = { snapshot: await readSnapshot(lake), views: nativeViews() };
  return gatherTimeline(lake, base, {
    selectors: { ...NOBODY, ...selectors },
    span: { from: null, to: null },
    most: 5_000,
    follow: true,
    asOf: AS_OF,
    proof: { read: true, threads: 1, onProgress: () => {} },
    ...request,
  });
}

/** A CloudTrail file. */
export const trail = (records: readonly object[]): string =>
  JSON.stringify({
    Records: records.map((record, at) => ({
      eventVersion: '1.09',
      eventSource: 's3.amazonaws.com',
      eventName: 'ListBuckets',
      awsRegion: 'eu-central-1',
      recipientAccountId: '111122223333',
      eventID: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
      sourceIPAddress: '192.0.2.10',
      ...record,
    })),
  });

export const user = (userName: string, accessKeyId: string) => ({
  userIdentity: {
    type: 'IAMUser',
    principalId: `AIDAEXAMPLE${userName.toUpperCase()}`,
    arn: `arn:aws:iam::111122223333:user/${userName}`,
    accountId: '111122223333',
    accessKeyId,
    userName,
  },
});

export const session = (role: string, name: string, accessKeyId: string) => ({
  userIdentity: {
    type: 'AssumedRole',
    principalId: `AROAEXAMPLE${role.toUpperCase()}:${name}`,
    arn: `arn:aws:sts::111122223333:assumed-role/${role}/${name}`,
    accountId: '111122223333',
    accessKeyId,
    sessionContext: {
      sessionIssuer: { type: 'Role', arn: `arn:aws:iam::111122223333:role/${role}`, userName: role },
    },
  },
});

export const assumed = (role: string, name: string, accessKeyId: string) => ({
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  requestParameters: { roleArn: `arn:aws:iam::111122223333:role/${role}`, roleSessionName: name },
  responseElements: {
    credentials: { accessKeyId, expiration: 'Mar 12, 2024, 10:00:00 AM' },
    assumedRoleUser: {
      assumedRoleId: `AROAEXAMPLE${role.toUpperCase()}:${name}`,
      arn: `arn:aws:sts::111122223333:assumed-role/${role}/${name}`,
    },
  },
});
