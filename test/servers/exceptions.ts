/**
 * What each server we try does otherwise than Amazon S3, by the name of the case. A case listed here must still fail, so
 * that a server which has been put right is noticed.
 */

import type { Implementation } from '../vault/conformance.ts';

export type Exceptions = Pick<Implementation, 'deviations' | 'statuses' | 'skips'>;

export const EXCEPTIONS: Readonly<Record<string, Exceptions>> = {
  /** 16.2.15 of Debian 12, with `server=ceph`. */
  ceph: {
    deviations: {
      'a lock without a checksum is refused': 'no checksum is asked for',
      'a wrong SHA-256 is refused, and nothing is stored':
        'x-amz-checksum-sha256 is ignored; Content-MD5 is compared, and sent for that reason',
      'the SHA-256 comes back with the object': 'it is not kept; the object’s own metadata has it as well',
      'a part with a wrong SHA-256 is refused': 'x-amz-checksum-sha256 is ignored',
      'is locked from its first moment':
        'the lock named at the beginning of an upload in parts is dropped; it is set after, before the object counts as stored',
      'If-None-Match refuses a key in use, and makes no second version':
        'ignored in buckets with versions; the oldest version decides instead',
      'of 10 at once under If-None-Match one is stored': 'ignored in buckets with versions',
      'If-None-Match holds when an upload in parts is completed': 'ignored in buckets with versions',
      'If-Match lets through who knows what is there':
        'compares the quotes as part of the ETag; it is sent without',
    },
    statuses: {
      'a delete marker takes no retention': 404,
      'If-Match refuses where there is nothing': 412,
    },
  },
  /** 1.8.0, over a local folder. */
  versitygw: {
    deviations: {
      'outlives the retention': 'a version under legal hold can be deleted once its retention has passed',
      'a lock without a checksum is refused': 'no checksum is asked for',
      'If-None-Match passes where only a delete marker is left on top': 'a delete marker counts as an object',
      'lists versions page by page, none lost, newest first':
        'a page that ends with a delete marker is given again and again, which the vault notices and refuses',
      'names a delete marker on evidence, and still reads what lies under it':
        'HEAD tells nothing of the lock of a version that is not the newest, though it is kept: verify says LOCK_MISSING as well',
      'names a second version on evidence, and still reads the first':
        'HEAD tells nothing of the lock of a version that is not the newest, though it is kept: verify says LOCK_MISSING as well',
    },
    statuses: {
      'that was never set is told as such': 400,
      'retention that was never set is told as such': 400,
      'versioning cannot be suspended': 400,
    },
  },
  /** 5.2.5: made for testing programs, not for keeping anything. */
  moto: {
    deviations: {
      'its retention is not shortened': 'any retention is taken in place of another',
      'nor shortened with a bypass': 'any retention is taken in place of another',
      'its mode is not lowered': 'any retention is taken in place of another',
      'its lock is not removed': 'any retention is taken in place of another',
      'its retention may be extended': 'it answers GetObjectRetention with no XML',
      'its retention is not shortened without a bypass': 'any retention is taken in place of another',
      'its mode is not changed without a bypass, not even to a stricter one':
        'any retention is taken in place of another',
      'is ON or OFF and nothing else': 'any text is taken',
      'that was never set is told as such': 'it answers with an empty hold',
      'a date in the past is refused': 'dates are not looked at',
      'a date in the past is refused afterwards, too': 'dates are not looked at',
      'a mode without a date is refused': 'half a lock is taken',
      'a date without a mode is refused': 'half a lock is taken',
      'an unknown mode is refused': 'any mode is taken',
      'retention that was never set is told as such': 'it answers with an empty retention',
      'versioning cannot be suspended': 'it can',
      'is locked from its first moment': 'the lock of an upload in parts is dropped',
      'stores a large file in parts under its lock, and reads it back':
        'the lock is dropped, and the vault refuses to call that stored',
      '160 MB go in and out in flat memory': 'in parts, whose lock is dropped',
      'a wrong SHA-256 is refused, and nothing is stored': 'checksums are kept and not compared',
      'a wrong Content-MD5 is refused, and nothing is stored': 'it is not compared',
      'a part with a wrong SHA-256 is refused': 'checksums are kept and not compared',
    },
    statuses: {
      'a delete marker takes no retention': 500,
      'without versioning takes no Object Lock': 400,
    },
  },
};
