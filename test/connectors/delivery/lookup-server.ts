/**
 * LookupEvents on loopback, as CloudTrail documents it: newest first, 50 a page, tokens good for one search only, at most
 * two requests a second, refused with HTTP 400.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface TrailEvent {
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventName: string;
  readonly eventSource: string;
}

export class LookupServer {
  readonly events: TrailEvent[] = [];
  /** Bodies of the pages given out, as sent. */
  readonly sent: string[] = [];
  /** What is answered instead, for the request with this number from 1. */
  fault: (request: number) => { status: number; type: string } | 'cut' | null = () => null;
  requests = 0;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const fault = this.fault(++this.requests);
      if (fault === 'cut') {
        request.socket.destroy();
        return;
      }
      const body =
        fault === null
          ? this.#answer(Buffer.concat(chunks).toString())
          : `{"__type":"${fault.type}","message":"slow down"}`;
      response.writeHead(fault?.status ?? 200, { 'content-type': 'application/x-amz-json-1.1' });
      if (fault === null) this.sent.push(body);
      response.end(body);
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer(text: string): string {
    const { StartTime, EndTime, MaxResults, NextToken } = JSON.parse(text) as {
      StartTime: number;
      EndTime: number;
      MaxResults: number;
      NextToken?: string;
    };
    const search = `${StartTime}-${EndTime}`;
    const [of = search, skip = '0'] = NextToken?.split('/') ?? [];
    if (of !== search) throw new Error('a token of another search');
    const found = this.events
      .filter(({ eventTime }) => {
        const seconds = Date.parse(eventTime) / 1000;
        return seconds >= StartTime && seconds <= EndTime;
      })
      .sort((a, b) => (a.eventTime > b.eventTime ? -1 : 1));
    const page = found.slice(Number(skip), Number(skip) + MaxResults);
    const end = Number(skip) + page.length;
    // Numbers and spacing that another serialiser would not repeat.
    const rows = page.map(
      (event) =>
        `{"EventId": "${event.eventID}", "EventTime": ${(Date.parse(event.eventTime) / 1000).toFixed(1)}, "CloudTrailEvent": ${JSON.stringify(JSON.stringify(event))}}`,
    );
    const next = end < found.length ? `, "NextToken": "${search}/${end}"` : '';
    return `{"Events": [${rows.join(' , ')}]${next}}`;
  }
}
