/** One HTTP request as a server or proxy logged it → columns. */

import type { AuditEvent } from '../../schema/columns.ts';
import { parseAddress } from './address.ts';
import { jsonText } from './value.ts';

export interface HttpRequest {
  readonly time: number | null;
  readonly timeOriginal: string | null;
  /** Address or name of the client, with or without a port. */
  readonly client?: string | undefined;
  readonly clientPort?: string | undefined;
  readonly user?: string | undefined;
  readonly method?: string | undefined;
  /** URL or path, as logged. */
  readonly uri?: string | undefined;
  readonly protocol?: string | undefined;
  readonly host?: string | undefined;
  readonly server?: string | undefined;
  readonly status?: string | undefined;
  readonly bytes?: string | undefined;
  readonly referer?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly requestId?: string | undefined;
  readonly traceId?: string | undefined;
  /** The service that logged it, as it names itself: a load balancer, `s3.amazonaws.com`. */
  readonly service?: string | undefined;
  readonly cloud?: 'aws' | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly operation?: string | undefined;
  readonly actorId?: string | undefined;
  readonly targetType?: string | undefined;
  readonly targetId?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
}

const ACTIVITIES: Readonly<Record<string, string>> = {
  CONNECT: 'Connect',
  DELETE: 'Delete',
  GET: 'Get',
  HEAD: 'Head',
  OPTIONS: 'Options',
  POST: 'Post',
  PUT: 'Put',
  TRACE: 'Trace',
  PATCH: 'Patch',
};

/** Fills the columns; `-` and empty text are what servers write for an absent value. */
export function applyHttp(event: AuditEvent, request: HttpRequest): void {
  const method = said(request.method)?.toUpperCase() ?? null;
  // when
  event.time = request.time;
  event.time_original = request.timeOriginal;
  // did what, and with what result
  event.class = 'HTTP Activity';
  event.activity = method === null ? 'Unknown' : (ACTIVITIES[method] ?? 'Other');
  event.operation = said(request.operation) ?? said(request.method);
  event.service = said(request.service);
  event.request = jsonText(
    present({ method: request.method, uri: request.uri, referer: request.referer, host: request.host }),
  );
  event.response = jsonText(present({ status: request.status, bytes: request.bytes }));
  event.status = statusOfHttp(said(request.status));
  event.error_code = said(request.errorCode) ?? (event.status === 'failure' ? said(request.status) : null);
  event.error_message = said(request.errorMessage);
  event.request_id = said(request.requestId);
  event.correlation_id = said(request.traceId);
  // who
  event.actor_name = said(request.user);
  event.actor_id = said(request.actorId) ?? event.actor_name;
  if (event.actor_name !== null) event.actor_type = 'unknown';
  // from where
  setClient(event, said(request.client), said(request.clientPort));
  event.user_agent = said(request.userAgent);
  event.protocol = said(request.protocol);
  // to what
  const server = parseAddress(said(request.server));
  event.dst_ip = server?.ip ?? null;
  event.dst_host = said(request.host) ?? (server === null ? said(request.server) : null);
  const target = said(request.targetId) ?? said(request.uri);
  if (target !== null) {
    event.target_type = said(request.targetType) ?? 'url';
    event.target_id = target;
    event.targets = [target];
  }
  event.cloud = request.cloud ?? null;
  event.account = said(request.account);
  event.region = said(request.region);
}

function setClient(event: AuditEvent, client: string | null, port: string | null): void {
  const address = parseAddress(client);
  event.src_ip = address?.ip ?? null;
  event.src_host = address === null ? client : null;
  const number = port === null ? (address?.port ?? null) : Number(port);
  event.src_port = number !== null && Number.isInteger(number) && number <= 65_535 ? number : null;
}

/** 1xx … 3xx succeed, 4xx and 5xx fail; anything else says nothing. */
export function statusOfHttp(code: string | null): string | null {
  if (code === null || !/^[1-5]\d\d$/.test(code)) return null;
  return Number(code) < 400 ? 'success' : 'failure';
}

/** The three parts of `GET /path HTTP/1.1`; only a path where the client sent something else. */
export function requestLine(text: string): Pick<HttpRequest, 'method' | 'uri' | 'protocol'> {
  const match = /^([A-Za-z][A-Za-z_-]{0,31}) (.*?)(?: (HTTP\/\d(?:\.\d)?|-))?$/s.exec(text);
  if (match === null) return { uri: text };
  return { method: match[1], uri: match[2]!.trim(), protocol: match[3] };
}

function said(value: string | undefined | null): string | null {
  return value === undefined || value === null || value === '' || value === '-' ? null : value;
}

function present(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in values) {
    const value = said(values[name]);
    if (value !== null) kept[name] = value;
  }
  return kept;
}
