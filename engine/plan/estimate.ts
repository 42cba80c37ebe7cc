/** What a query will take, roughly: good enough to tell a moment from an hour and a cent from a hundred dollars. */

export interface Estimate {
  readonly seconds: number;
  /** What the store charges for the requests and, outside its own region, for the bytes; 0 for a folder. US dollars. */
  readonly dollars: number;
}

/** Process, engine and plan. */
const START_SECONDS = 0.4;
/** DuckDB on two cores, with what it does to rows once they are read. */
const READ_BYTES_PER_SECOND = 150e6;
const OPEN_FILE_SECONDS = 0.0003;
const REQUESTS_AT_ONCE = 32;
const REQUEST_SECONDS = 0.04;
const FETCH_BYTES_PER_SECOND = 80e6;
/** GET of S3 Standard in us-east-1, and transfer out to the internet: https://aws.amazon.com/s3/pricing/ */
const REQUEST_DOLLARS = 0.0000004;
const TRANSFER_DOLLARS_PER_BYTE = 0.09 / 1e9;

export function estimate(of: {
  readonly bytes: number;
  readonly fetchBytes: number;
  readonly requests: number;
  readonly files: number;
  readonly elsewhere: boolean;
}): Estimate {
  const read = START_SECONDS + of.files * OPEN_FILE_SECONDS + of.bytes / READ_BYTES_PER_SECOND;
  if (!of.elsewhere) return { seconds: read, dollars: 0 };
  const rounds = Math.ceil(of.requests / REQUESTS_AT_ONCE);
  return {
    seconds: read + rounds * REQUEST_SECONDS + of.fetchBytes / FETCH_BYTES_PER_SECOND,
    dollars: of.requests * REQUEST_DOLLARS + of.fetchBytes * TRANSFER_DOLLARS_PER_BYTE,
  };
}
