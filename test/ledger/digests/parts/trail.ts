/** A CloudTrail of our own: writes digests and logs into a bucket in memory as AWS does, signed with keys made here. */

import { createSign, generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { gatherKeys, parseKeys, type TrailKeys } from '../../../../ledger/digests/keys.ts';

export const HOUR = 3_600_000;
export const MINUTE = 60_000;
/** When trails here begin, unless told otherwise. */
export const BEGIN = Date.parse('2026-03-01T00:04:04Z');

export interface TrailSigner {
  readonly fingerprint: string;
  readonly key: KeyObject;
  /** As ListPublicKeys gives it. */
  readonly listed: {
    readonly Fingerprint: string;
    readonly Value: string;
    readonly ValidityStartTime: string;
    readonly ValidityEndTime: string;
  };
}

export function makeSigner(from: number, to: number, modulusLength = 2048): TrailSigner {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  const der = publicKey.export({ format: 'der', type: 'pkcs1' });
  // As CloudTrail's own fingerprints are made.
  const fingerprint = hash('md5', der, 'hex');
  const listed = {
    Fingerprint: fingerprint,
    Value: der.toString('base64'),
    ValidityStartTime: new Date(from).toISOString(),
    ValidityEndTime: new Date(to).toISOString(),
  };
  return { fingerprint, key: privateKey, listed };
}

export function keysOf(...signers: TrailSigner[]): TrailKeys {
  const parsed = parseKeys({ PublicKeyList: signers.map(({ listed }) => listed) });
  if (!parsed.ok) throw new Error(parsed.problem);
  return gatherKeys(parsed.value);
}

export interface Stored {
  bytes: Uint8Array;
  metadata: Record<string, string>;
}

export interface LogRecord {
  readonly key: string;
  readonly content: string;
}

export interface DigestRecord {
  readonly key: string;
  /** The JSON text, before compression. */
  readonly text: string;
  readonly signature: string;
  readonly start: number;
  readonly end: number;
  readonly logs: readonly LogRecord[];
}

/** What a digest says otherwise than an honest one would, though it is signed. */
export interface Twist {
  readonly previous?: 'none' | 'wrong-hash' | 'wrong-signature';
  /** Milliseconds by which it begins later than the one before ended. */
  readonly shift?: number;
  readonly signer?: TrailSigner;
  /** More logs that it names. */
  readonly logs?: readonly LogRecord[];
}

export interface TrailOptions {
  readonly account?: string;
  readonly trail?: string;
  readonly region?: string;
  readonly bucket?: string;
  readonly prefix?: string;
  /** `o-abc`: a trail of a whole organisation. */
  readonly organisation?: string;
  readonly signer: TrailSigner;
}

export const isoSeconds = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
const compact = (time: number, digits: number): string =>
  `${isoSeconds(time).replaceAll(/[-:]/g, '').slice(0, digits)}Z`;
const dayPath = (time: number): string => isoSeconds(time).slice(0, 10).replaceAll('-', '/');
const sha256 = (content: string): string => hash('sha256', content, 'hex');

export class Trail {
  readonly account: string;
  readonly trail: string;
  readonly region: string;
  readonly bucket: string;
  readonly objects = new Map<string, Stored>();
  readonly digests: DigestRecord[] = [];
  readonly backfills: DigestRecord[] = [];
  readonly #root: string;
  readonly #signer: TrailSigner;
  #end = BEGIN;
  #logs = 0;

  constructor(options: TrailOptions) {
    this.account = options.account ?? '123456789012';
    this.trail = options.trail ?? 'main_trail-1';
    this.region = options.region ?? 'eu-west-1';
    this.bucket = options.bucket ?? 'amzn-s3-demo-bucket';
    const { prefix, organisation } = options;
    const folders = [prefix, 'AWSLogs', organisation, this.account];
    this.#root = folders.filter((folder) => folder !== undefined).join('/');
    this.#signer = options.signer;
  }

  get end(): number {
    return this.#end;
  }

  /** Delivers a log as CloudTrail names it; no digest knows of it yet. */
  deliver(time: number, sort = 'CloudTrail'): LogRecord {
    const content = `{"Records":[{"eventID":"${this.account}-${this.region}-${this.#logs}"}]}`;
    const named = Math.ceil(time / (5 * MINUTE)) * 5 * MINUTE;
    const unique = String(this.#logs++).padStart(16, '0');
    const name = `${this.account}_${sort}_${this.region}_${compact(named, 13)}_${unique}.json.gz`;
    const key = `${this.#root}/${sort}/${this.region}/${dayPath(named)}/${name}`;
    this.objects.set(key, { bytes: gzipSync(content), metadata: {} });
    return { key, content };
  }

  /** Another hour with its digest. Times of deliveries are minutes within it. */
  hour(deliveries: readonly number[] = [20], twist: Twist = {}): DigestRecord {
    const logs = deliveries.map((minute) => this.deliver(this.#end + minute * MINUTE));
    logs.push(...(twist.logs ?? []));
    const start = this.#end + (twist.shift ?? 0);
    this.#end += HOUR;
    const digest = this.#write(this.digests.at(-1), start, this.#end, logs, twist, null);
    this.digests.push(digest);
    return digest;
  }

  /** Lets time go by without digests: validation is off. */
  skip(hours: number): void {
    this.#end += hours * HOUR;
  }

  /** A digest written later for logs of an hour gone by. */
  backfill(end: number, logs: readonly LogRecord[], generated: number, twist: Twist = {}): DigestRecord {
    const digest = this.#write(this.backfills.at(-1), end - HOUR, end, logs, twist, generated);
    this.backfills.push(digest);
    return digest;
  }

  #write(
    before: DigestRecord | undefined,
    start: number,
    end: number,
    logs: readonly LogRecord[],
    { previous, signer = this.#signer }: Twist,
    generated: number | null,
  ): DigestRecord {
    const key = this.#digestKey(end, generated !== null);
    const named = previous === 'none' ? undefined : before;
    const wrong = 'ab'.repeat(256);
    const signatureBefore =
      named === undefined ? null : previous === 'wrong-signature' ? wrong : named.signature;
    const hashBefore =
      named === undefined ? null : previous === 'wrong-hash' ? wrong.slice(0, 64) : sha256(named.text);
    const text = JSON.stringify({
      awsAccountId: this.account,
      digestStartTime: isoSeconds(start),
      digestEndTime: isoSeconds(end),
      digestS3Bucket: this.bucket,
      digestS3Object: key,
      digestPublicKeyFingerprint: signer.fingerprint,
      digestSignatureAlgorithm: 'SHA256withRSA',
      newestEventTime: logs.length === 0 ? null : isoSeconds(start + MINUTE),
      oldestEventTime: logs.length === 0 ? null : isoSeconds(start),
      previousDigestS3Bucket: named === undefined ? null : this.bucket,
      previousDigestS3Object: named?.key ?? null,
      previousDigestHashValue: hashBefore,
      previousDigestHashAlgorithm: named === undefined ? null : 'SHA-256',
      previousDigestSignature: signatureBefore,
      logFiles: logs.map((log) => ({
        s3Bucket: this.bucket,
        s3Object: log.key,
        hashValue: sha256(log.content),
        hashAlgorithm: 'SHA-256',
        newestEventTime: isoSeconds(start + MINUTE),
        oldestEventTime: isoSeconds(start),
      })),
    });
    const toSign = `${isoSeconds(end)}\n${this.bucket}/${key}\n${sha256(text)}\n${signatureBefore ?? 'null'}`;
    const signature = createSign('RSA-SHA256').update(toSign).sign(signer.key, 'hex');
    const metadata: Record<string, string> = { signature, 'signature-algorithm': 'SHA256withRSA' };
    if (generated !== null) metadata['backfill-generation-timestamp'] = isoSeconds(generated);
    this.objects.set(key, { bytes: gzipSync(text), metadata });
    return { key, text, signature, start, end, logs };
  }

  #digestKey(end: number, backfill: boolean): string {
    const name = `${this.account}_CloudTrail-Digest_${this.region}_${this.trail}_us-east-1_${compact(end, 15)}`;
    return `${this.#root}/CloudTrail-Digest/${this.region}/${dayPath(end)}/${name}${backfill ? '_backfill' : ''}.json.gz`;
  }
}
