/** The state store's bucket emptied, tables deleted as far as the store lets them go: everything is made again from the vault. */

import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Verification } from '../stages/verify/report.ts';
import { openLakeForReading } from '../vault/lake.ts';
import { akashi } from './akashi.ts';
import type { Made } from './checks.ts';
import { answerOf, answers } from './operate.ts';
import type { Scene } from './scenarios.ts';
import { STATE_BUCKET, type Stage, VAULT_BUCKET } from './stage.ts';

export async function recover({ stage, environment, checks }: Scene): Promise<void> {
  await checks.check('what can be lost is made again from the vault, with the same answers', () =>
    recovered(stage, environment),
  );
}

async function recovered(stage: Stage, environment: Readonly<Record<string, string>>): Promise<Made> {
  const before = await answers(stage);
  const s3 = stage.vendors.lakeS3();
  const state = await emptied(s3, STATE_BUCKET, '');
  const tables = await emptied(s3, VAULT_BUCKET, 'vault/tables/');
  // Nobody's memory is to help.
  for (const one of stage.functions.values()) one.recycle();
  const isGone = await openLakeForReading(stage.lake).then(
    () => false,
    () => true,
  );
  const started = performance.now();
  const { code, out } = await akashi(['rebuild', '--lake', stage.lake], environment);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code !== 0) throw new Error(`akashi rebuild ended with ${code}: ${out.slice(-900)}`);
  const after = await answers(stage);
  // Against the head remembered elsewhere as well.
  const { ok, problems } = await answerOf<Verification>(stage, 'verify', { deep: true });
  return {
    ok: isGone && ok && state.removed > 0 && tables.removed > 0 && before === after,
    said:
      `${state.removed} objects of the state store and ${tables.removed} of tables removed, ${tables.kept} locked; made again in ${seconds} s; ` +
      `answers ${before === after ? 'the same' : 'OTHERS'}; ${ok ? 'verified' : JSON.stringify(problems).slice(0, 400)}`,
  };
}

/** Every version that the store lets go. */
async function emptied(s3: S3Client, Bucket: string, Prefix: string) {
  let [removed, kept] = [0, 0];
  let [KeyMarker, VersionIdMarker]: (string | undefined)[] = [];
  do {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({
        Bucket,
        Prefix,
        ...(KeyMarker === undefined ? {} : { KeyMarker }),
        ...(VersionIdMarker === undefined ? {} : { VersionIdMarker }),
      }),
    );
    for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
      const which = VersionId === undefined || VersionId === 'null' ? {} : { VersionId };
      await s3.send(new DeleteObjectCommand({ Bucket, Key, ...which })).then(
        () => removed++,
        () => kept++,
      );
    }
    KeyMarker = page.NextKeyMarker;
    VersionIdMarker = page.NextVersionIdMarker;
  } while (KeyMarker !== undefined && KeyMarker !== '');
  return { removed, kept };
}
