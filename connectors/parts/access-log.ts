/** Lines of web servers, proxies, load balancers and object stores whose format is told from the line itself. */

import { parseAddress } from './address.ts';
import { type HttpRequest, requestLine } from './http-event.ts';
import { monthOf, parseEpoch, parseTime, timeOf } from './time.ts';
import { type Token, tokensOf } from './tokens.ts';

const CLF_TIME = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2})(?: ([+-])(\d{2})(\d{2}))?$/;
const LISTENERS = new Set(['http', 'https', 'h2', 'grpcs', 'ws', 'wss']);

/** The request a line logs, or null when it is in none of these formats. */
export function readAccessLog(line: string): HttpRequest | null {
  const first = line.charCodeAt(0);
  // A digit, a letter, `-`, `_`, `:` of an IPv6 address, or a quoted or bracketed field never starts other formats here.
  if (first <= 0x20 || first === 0x23 || first === 0x7b) return null;
  const tokens = tokensOf(line);
  if (tokens.length < 5) return null;
  return squid(tokens) ?? applicationBalancer(tokens) ?? classicBalancer(tokens) ?? bracketed(tokens);
}

/** `10/Oct/2000:13:55:36 -0700`. */
export function parseClfTime(text: string): number | null {
  const match = CLF_TIME.exec(text);
  if (match === null) return null;
  const [, day, name, year, hour, minute, second, sign, zoneHours, zoneMinutes] = match;
  const month = monthOf(name!);
  if (month === null) return null;
  const time = timeOf(+year!, month, +day!, +hour!, +minute!, +second!);
  if (time === null || sign === undefined) return time;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60e6;
  return sign === '-' ? time + offset : time - offset;
}

/** Formats with the time in brackets: common, combined, with a virtual host before them, and S3 server access logs. */
function bracketed(tokens: readonly Token[]): HttpRequest | null {
  // Clients choose the user name, and it may hold a bracketed time; the server's own is the one before the request.
  const at = tokens.findIndex(
    (token, index) =>
      token.kind === 'bracketed' && CLF_TIME.test(token.text) && tokens[index + 1]?.kind === 'quoted',
  );
  if (at >= 3) return common(tokens, at);
  if (tokens[2]?.kind === 'bracketed' && CLF_TIME.test(tokens[2].text)) return objectStore(tokens);
  return null;
}

const CLIENT = /^[\w.:[\]%-]{1,255}$/;

/** https://httpd.apache.org/docs/current/logs.html#accesslog */
function common(tokens: readonly Token[], at: number): HttpRequest | null {
  const withHost =
    at >= 4 && parseAddress(tokens[0]!.text) === null && parseAddress(tokens[1]!.text) !== null;
  const start = withHost ? 1 : 0;
  if (!CLIENT.test(tokens[start]!.text)) return null;
  const text = (index: number): string | undefined => tokens[index]?.text;
  return {
    time: parseClfTime(text(at)!),
    timeOriginal: text(at)!,
    client: text(start),
    user: tokens
      .slice(start + 2, at)
      .map((token) => token.text)
      .join(' '),
    ...requestLine(text(at + 1)!),
    host: withHost ? text(0)!.replace(/:\d{1,5}$/, '') : undefined,
    status: text(at + 2),
    bytes: text(at + 3),
    referer: tokens[at + 4]?.kind === 'quoted' ? text(at + 4) : undefined,
    userAgent: tokens[at + 5]?.kind === 'quoted' ? text(at + 5) : undefined,
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html */
function objectStore(tokens: readonly Token[]): HttpRequest | null {
  if (tokens.length < 15 || tokens[8]?.kind !== 'quoted') return null;
  const text = (index: number): string | undefined => tokens[index]?.text;
  const bucket = text(1)!;
  const key = text(7)!;
  const requester = text(4)!;
  return {
    time: parseClfTime(text(2)!),
    timeOriginal: text(2)!,
    client: text(3),
    user: requester === '-' ? undefined : requester,
    ...requestLine(text(8)!),
    operation: text(6),
    service: 's3.amazonaws.com',
    cloud: 'aws',
    requestId: text(5),
    status: text(9),
    errorCode: text(10),
    bytes: text(11),
    referer: text(15),
    userAgent: text(16),
    host: text(22),
    targetType: key === '-' ? 'AWS::S3::Bucket' : 'AWS::S3::Object',
    targetId: key === '-' ? bucket : `${bucket}/${key}`,
  };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html */
function applicationBalancer(tokens: readonly Token[]): HttpRequest | null {
  if (!LISTENERS.has(tokens[0]!.text) || tokens[12]?.kind !== 'quoted') return null;
  const time = parseTime(tokens[1]!.text);
  if (time === null) return null;
  const text = (index: number): string | undefined => tokens[index]?.text;
  const [, account, region] = balancerArn(text(16));
  return {
    time,
    timeOriginal: text(1)!,
    service: text(2),
    client: text(3),
    server: text(4),
    status: text(8),
    bytes: text(11),
    ...requestLine(text(12)!),
    userAgent: text(13),
    traceId: text(17),
    host: text(18),
    errorMessage: text(24),
    cloud: 'aws',
    account,
    region,
  };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html */
function classicBalancer(tokens: readonly Token[]): HttpRequest | null {
  if (tokens[11]?.kind !== 'quoted' || tokens[1]?.kind !== 'bare') return null;
  const time = /^\d{4}-\d\d-\d\dT/.test(tokens[0]!.text) ? parseTime(tokens[0]!.text) : null;
  if (time === null || parseAddress(tokens[2]!.text) === null) return null;
  const text = (index: number): string | undefined => tokens[index]?.text;
  return {
    time,
    timeOriginal: text(0)!,
    service: text(1),
    client: text(2),
    server: text(3),
    status: text(7),
    bytes: text(10),
    ...requestLine(text(11)!),
    userAgent: tokens[12]?.kind === 'quoted' ? text(12) : undefined,
    cloud: 'aws',
  };
}

/** https://wiki.squid-cache.org/Features/LogFormat#squid-native-accesslog-format-in-detail */
function squid(tokens: readonly Token[]): HttpRequest | null {
  const result = /^([A-Z_]{3,40})\/(\d{3})$/.exec(tokens[3]!.text);
  if (result === null || !/^\d{9,10}\.\d{3}$/.test(tokens[0]!.text) || tokens.length < 9) return null;
  const text = (index: number): string | undefined => tokens[index]?.text;
  return {
    time: parseEpoch(text(0)),
    timeOriginal: text(0)!,
    client: text(2),
    status: result[2],
    bytes: text(4),
    method: text(5),
    uri: text(6),
    user: text(7),
    server: text(8)!.replace(/^.*\//, ''),
  };
}

/** Account and region of a target group's ARN. */
function balancerArn(arn: string | undefined): [arn: string | undefined, account?: string, region?: string] {
  const match = /^arn:[a-z-]+:elasticloadbalancing:([a-z0-9-]+):(\d{12}):/.exec(arn ?? '');
  return match === null ? [arn] : [arn, match[2]!, match[1]!];
}
