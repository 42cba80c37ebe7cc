import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trailFile } from '../../bench/generate.ts';
import { awsCloudTrail } from '../../connectors/aws-cloudtrail/index.ts';
import type { BodyFacts, RecordSink, SourceRecord } from '../../connectors/contract.ts';
import { normaliserFor } from '../../connectors/normalise.ts';

const FACTS: BodyFacts = { sha256: '0'.repeat(64), origin: 'trail.json', modified: null };
const CONNECTOR = { ...awsCloudTrail, mappingVersion: 'test' };

/** Everything that becomes of a body; `parsed`: every record as JSON.parse reads it. */
function outcomes(body: Uint8Array, parsed: boolean): { found: unknown[]; members: number } {
  const found: unknown[] = [];
  let members = 0;
  const normalise = normaliserFor(CONNECTOR, FACTS);
  const sink: RecordSink = {
    record(record) {
      if (record.members !== undefined) members++;
      const { raw, bytes, value, locator, context } = record;
      const plain: SourceRecord = { raw, bytes, value, locator, context };
      found.push(structuredClone(normalise(parsed ? plain : record)), bytes === null);
    },
    broken: (broken) => found.push(broken),
    skipped: (reason) => found.push(reason),
  };
  const splitter = awsCloudTrail.records(sink, FACTS);
  splitter.push(body);
  splitter.end();
  return { found, members };
}

function expectSame(body: Uint8Array): number {
  const { found, members } = outcomes(body, false);
  expect(found).toEqual(outcomes(body, true).found);
  return members;
}

const generated = trailFile(7, 40, 1_700_000_000);
const events = (JSON.parse(generated) as { Records: Record<string, unknown>[] }).Records;
const bodyOf = (texts: readonly string[]) => Buffer.from(`{"Records":[${texts.join(',')}]}`);

describe('records read by their members give the rows that parsed ones give', () => {
  test('as a trail delivers them: nearly all are read so', () => {
    expect(expectSame(Buffer.from(generated))).toBeGreaterThanOrEqual(38);
  });

  test('samples beside the connector', () => {
    const folder = new URL('../../connectors/aws-cloudtrail/samples/', import.meta.url);
    for (const name of readdirSync(folder)) expectSame(readFileSync(new URL(name, folder)));
  });

  const shared = new URL('../../../shared/samples/aws-cloudtrail/', import.meta.url);
  test.skipIf(!existsSync(shared))('real logs', () => {
    let members = 0;
    for (const entry of readdirSync(shared, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const stored = readFileSync(`${entry.parentPath}/${entry.name}`);
      const body = stored[0] === 0x1f ? gunzipSync(stored) : stored;
      if (body.length < 4 << 20) members += expectSame(body);
    }
    expect(members).toBeGreaterThan(100);
  });
});

/** Things that stand in real records, and things that do not. */
const odd = fc.constantFrom<unknown>(
  null,
  '',
  'Root',
  'AWSService',
  'Aggregated',
  'ConsoleLogin',
  'signin.amazonaws.com',
  'anonymous',
  '203.0.113.9:443',
  'a"b\\c',
  'zürich',
  '\ud800',
  17,
  true,
  {},
  [],
  { type: 'IAMUser', userName: 'alice', arn: 'arn:aws:iam::123456789012:user/alice' },
  { invokedBy: 'ec2.amazonaws.com' },
  { type: 'AssumedRole', sessionContext: { sourceIdentity: 'bob' } },
  { type: 'AssumedRole', sessionContext: null, arn: null },
  { type: 'AssumedRole', sessionContext: { attributes: {} } },
  { ConsoleLogin: 'Failure' },
  { MFAUsed: 'Yes', UserName: 'carol' },
  [{ ARN: 'arn:aws:s3:::example-bucket', type: 'AWS::S3::Bucket' }],
);
const NAMES = [...new Set(events.flatMap((event) => Object.keys(event)))].concat(
  'errorCode',
  'additionalEventData',
  'serviceEventDetails',
  'sharedEventID',
  'insightDetails',
  'detail',
  'EventName',
  '__proto__',
);

describe('records that were tampered with', () => {
  test('members changed, taken away and doubled', () => {
    const change = fc.tuple(fc.constantFrom(...NAMES), fc.option(odd, { freq: 3 }), fc.boolean());
    fc.assert(
      fc.property(
        fc.nat({ max: 39 }),
        fc.array(change, { maxLength: 4 }),
        fc.nat(),
        (which, changes, turn) => {
          let members = Object.entries(events[which]!);
          for (const [name, value, doubled] of changes) {
            if (!doubled) members = members.filter(([own]) => own !== name);
            if (value !== null) members.splice(turn % (members.length + 1), 0, [name, value]);
          }
          const text = `{${members.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join(',')}}`;
          const whole = JSON.stringify(events[0]);
          expectSame(bodyOf([whole, text, whole]));
        },
      ),
      { numRuns: 400 },
    );
  });

  test('bytes changed, put in and taken out', () => {
    const edit = fc.tuple(fc.nat(), fc.constantFrom(...'"{}[],:\\ \n\tx0\u00fc', ''), fc.boolean());
    const text = bodyOf(events.slice(0, 4).map((event) => JSON.stringify(event))).toString();
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let body = text;
        for (const [at, put, over] of edits) {
          const place = at % body.length;
          body = body.slice(0, place) + put + body.slice(place + (over ? 1 : 0));
        }
        expectSame(Buffer.from(body));
        expectSame(Buffer.from(body, 'latin1'));
      }),
      { numRuns: 400 },
    );
  });
});
