/** Which field stands where in a record: from a header line, from column names, or from AWS's default formats. */

import { KNOWN_FIELDS, READERS, type Reader, VERSION } from './aws-flow-fields.ts';

export interface Layout {
  /** Field names with hyphens, as in text files. */
  readonly names: readonly string[];
  /** Per position: the reader; `null` for `extra`; `undefined` for a field that says nothing. */
  readonly readers: readonly (Reader | null | undefined)[];
}

/** Parquet files name columns with underscores. A field named twice is read at its first place. */
export function layoutOf(names: readonly string[]): Layout {
  const hyphenated = names.map((name) => name.replaceAll('_', '-').toLowerCase());
  return {
    names: hyphenated,
    readers: hyphenated.map((name, index) => {
      if (name === VERSION || name === CLOUDWATCH_TIME || hyphenated.indexOf(name) !== index)
        return undefined;
      return Object.hasOwn(READERS, name) ? READERS[name]! : null;
    }),
  };
}

/** The layout of a Parquet file's columns, or what is wrong with them. */
export function columnLayout(names: readonly string[]): Layout | string {
  const layout = layoutOf(names);
  const known = layout.names.some((name) => KNOWN_FIELDS.has(name));
  return known ? layout : 'none of its columns is a field of a flow log';
}

/** Longest header line looked at: all fields of all versions are under 1 KiB. */
const LONGEST_HEADER = 8192;

/** The layout a header line describes; null for any other line. Fields of versions to come may be among its names. */
export function headerLayout(line: string): Layout | null {
  const first = line.charCodeAt(0);
  // Names are lower-case words; records hold addresses, so a dot ends most doubts at once.
  if (first < 97 || first > 122 || line.length > LONGEST_HEADER || line.includes('.')) return null;
  const names = line.trim().split(/[ \t]+/);
  if (!names.every((name) => /^[a-z][a-z0-9_-]*$/.test(name))) return null;
  const known = names.filter((name) => KNOWN_FIELDS.has(name.replaceAll('_', '-'))).length;
  return known * 2 > names.length ? layoutOf(names) : null;
}

/** Time that CloudWatch Logs puts before each message when it exports a log group to a bucket. */
const CLOUDWATCH_TIME = 'cloudwatch-time';

const V2_FIELDS =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const TGW_FIELDS =
  'version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id ' +
  'tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id ' +
  'tgw-dst-az-id tgw-pair-attachment-id srcaddr dstaddr srcport dstport protocol packets bytes start end ' +
  'log-status type packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded ' +
  'packets-lost-ttl-expired tcp-flags region flow-direction pkt-src-aws-service pkt-dst-aws-service';

export const V2 = layoutOf(V2_FIELDS.split(' '));
export const TGW = layoutOf(TGW_FIELDS.split(' '));
const V2_EXPORTED = layoutOf([CLOUDWATCH_TIME, ...V2.names]);
const TGW_EXPORTED = layoutOf([CLOUDWATCH_TIME, ...TGW.names]);

const TIME = '(?<time>\\d{4}-\\d{2}-\\d{2}T[\\d:.]+Z )?';
const V2_SHAPE = new RegExp(
  `^${TIME}\\d{1,2} (?:\\d{1,12}|unknown|-) [a-z]\\S* (?:[0-9a-fA-F.:]+|-) (?:[0-9a-fA-F.:]+|-) ` +
    '(?:(?:\\d+|-) ){5}\\d+ \\d+ (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA|-)$',
);
const TGW_SHAPE = new RegExp(`^${TIME}\\d{1,2} TransitGateway (?:\\S+ ){33}\\S+$`);

/** The default format that a line without a header follows; null when it follows none. */
export function defaultLayout(line: string): Layout | null {
  if (line.length > LONGEST_HEADER) return null;
  const v2 = V2_SHAPE.exec(line);
  if (v2 !== null) return v2.groups?.['time'] === undefined ? V2 : V2_EXPORTED;
  const tgw = TGW_SHAPE.exec(line);
  if (tgw !== null) return tgw.groups?.['time'] === undefined ? TGW : TGW_EXPORTED;
  return null;
}
