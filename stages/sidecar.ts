/**
 * Object metadata for copies of S3 objects: beside a downloaded `name` may lie `name.metadata.json`, the output of
 * `aws s3api head-object` (https://docs.aws.amazon.com/cli/latest/reference/s3api/head-object.html). A CloudTrail
 * digest's signature lives nowhere else.
 */

import { readFile, stat } from 'node:fs/promises';

const SUFFIX = '.metadata.json';
/** S3 keeps 2 KB of metadata for an object; no head-object answer comes near. */
const MOST_BYTES = 2 ** 20;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html */
const LONGEST_VERSION_ID = 1024;

export interface ObjectFacts {
  readonly metadata: Readonly<Record<string, string>>;
  readonly versionId: string | null;
}

export const NO_FACTS: ObjectFacts = { metadata: {}, versionId: null };

export const sidecarOf = (name: string): string => `${name}${SUFFIX}`;

/** The name of the file that a sidecar of this name describes; null for any other name. */
export function describedBy(name: string): string | null {
  if (!name.endsWith(SUFFIX)) return null;
  const described = name.slice(0, -SUFFIX.length);
  return described === '' || described.endsWith(SUFFIX) ? null : described;
}

/** What a sidecar says; null when the file holds anything but the output of head-object. */
export async function readSidecar(path: string): Promise<ObjectFacts | null> {
  let value: unknown;
  try {
    if ((await stat(path)).size > MOST_BYTES) return null;
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
  const { Metadata: metadata, VersionId: version } = (value ?? {}) as Record<string, unknown>;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return null;
  if (!Object.values(metadata).every((text) => typeof text === 'string' && text.isWellFormed())) return null;
  if (!Object.keys(metadata).every((name) => name.isWellFormed())) return null;
  if (typeof version === 'string' && version.length > LONGEST_VERSION_ID) return null;
  // Without versioning S3 says "null".
  const versionId =
    typeof version === 'string' && version !== 'null' && version.isWellFormed() ? version : null;
  return { metadata: metadata as Record<string, string>, versionId };
}
