/**
 * W3C extended logs, whose `#Fields:` line names the columns: CloudFront (tabs), IIS and others (blanks).
 * https://www.w3.org/TR/WD-logfile.html,
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html,
 * https://learn.microsoft.com/windows/win32/http/w3c-logging
 */

import type { HttpRequest } from './http-event.ts';
import { parseTime } from './time.ts';

export interface FieldNames {
  readonly fields: readonly string[];
}

const MOST_FIELDS = 100;
const DIRECTIVE = /^#(Version|Fields|Software|Date|Start-Date|End-Date|Remark):/;

/** Whether the line is a directive, and which. */
export function directiveOf(line: string): string | null {
  return DIRECTIVE.exec(line.slice(0, 32))?.[1] ?? null;
}

/** Names of a `#Fields:` line. */
export function fieldNames(line: string): FieldNames {
  const names = line.slice(line.indexOf(':') + 1, 16 * 1024).trim();
  return { fields: names.split(/[\t ]+/).slice(0, MOST_FIELDS) };
}

/** The request of a line under these names, or null when the line has another number of fields. */
export function readFieldsLine({ fields }: FieldNames, line: string): HttpRequest | null {
  const tabs = line.includes('\t');
  const values = line.split(tabs ? '\t' : ' ', MOST_FIELDS + 1);
  if (values.length !== fields.length) return null;
  const get = (...names: readonly string[]): string | undefined => {
    for (const name of names) {
      const value = values[fields.indexOf(name)];
      if (value !== undefined && value !== '-' && value !== '') return value;
    }
    return undefined;
  };
  const timeOriginal = [get('date'), get('time')].filter((part) => part !== undefined).join(' ');
  const stem = get('cs-uri-stem');
  const query = get('cs-uri-query');
  const agent = get('cs(User-Agent)');
  return {
    time: parseTime(timeOriginal),
    timeOriginal: timeOriginal === '' ? null : timeOriginal,
    client: get('c-ip'),
    clientPort: get('c-port'),
    user: get('cs-username'),
    method: get('cs-method'),
    uri: stem === undefined ? undefined : query === undefined ? stem : `${stem}?${query}`,
    protocol: get('cs-protocol-version', 'cs-version', 'cs-protocol'),
    host: get('x-host-header', 'cs(Host)', 'cs-host', 's-computername'),
    server: get('s-ip'),
    status: get('sc-status'),
    bytes: get('sc-bytes'),
    referer: get('cs(Referer)'),
    userAgent: agent === undefined ? undefined : tabs ? percentDecoded(agent) : agent.replaceAll('+', ' '),
    requestId: get('x-edge-request-id'),
    cloud: fields.includes('x-edge-location') ? 'aws' : undefined,
    service: fields.includes('x-edge-location') ? 'cloudfront.amazonaws.com' : get('s-sitename'),
  };
}

/** CloudFront writes blanks and other special characters of header values as `%20`. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
