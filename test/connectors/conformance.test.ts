import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Connector } from '../../connectors/contract.ts';
import { recognise, sampleOf } from '../../connectors/recognise.ts';
import { connectors } from '../../connectors/registry.ts';
import { TABLES } from '../../schema/columns.ts';
import { comparable, goldenPairs } from './golden.ts';
import { readBody } from './read-body.ts';

const folderOf = (connector: Connector) =>
  new URL(`../../connectors/${connector.id.replace('.', '-')}/`, import.meta.url);

describe.each(connectors.map((connector) => [connector.id, connector] as const))('%s', (_, connector) => {
  const folder = folderOf(connector);
  const pairs = goldenPairs(folder);

  test('has the files every connector has', () => {
    const names = readdirSync(folder);
    for (const name of [
      'README.md',
      'index.ts',
      'recognise.ts',
      'records.ts',
      'normalise.ts',
      'crosswalk.ts',
      'samples',
    ]) {
      expect(names).toContain(name);
    }
    expect(readFileSync(new URL('README.md', folder), 'utf8')).toContain(connector.formatReference);
  });

  test('its crosswalk names columns of its table', () => {
    const columns = new Set<string>(TABLES[connector.table].map(({ name }) => name));
    for (const column of Object.keys(connector.crosswalk)) expect(columns).toContain(column);
  });

  test('fills only columns that its crosswalk explains', async () => {
    const common = [
      'source',
      'cloud',
      'class',
      'class_uid',
      'activity',
      'type_uid',
      'severity',
      'action',
      'identity',
      'uid',
      'raw',
      'evidence',
      'locator',
      'mapping_version',
      'ocsf_extra',
      'read_only',
    ];
    const explained = new Set([...common, ...Object.keys(connector.crosswalk)]);
    for (const { name, body } of pairs) {
      for (const { outcome } of await readBody(connector, body)) {
        const row = outcome.kind === 'event' ? outcome.event : outcome.kind === 'flow' ? outcome.flow : {};
        for (const [column, value] of Object.entries(row)) {
          if (value !== null && !explained.has(column))
            throw new Error(`${name}: ${column} is filled but not in the crosswalk`);
        }
      }
    }
  });

  describe('samples', () => {
    test('there are some', () => expect(pairs.length).toBeGreaterThan(0));

    test.each(pairs.map((pair) => [pair.name, pair] as const))('%s', async (_, { body, expected }) => {
      const outcomes = (await readBody(connector, body)).map(({ outcome }, index) =>
        comparable(outcome, expected[index]),
      );
      expect(outcomes).toEqual(expected);
    });

    test.each(pairs.map((pair) => [pair.name, pair] as const))(
      '%s is recognised by content alone',
      (_, { body }) => {
        const sample = sampleOf('renamed', body.subarray(0, 64 * 1024), body.length <= 64 * 1024);
        expect(recognise(sample)?.connector.id).toBe(connector.id);
      },
    );

    test.each(pairs.map((pair) => [pair.name, pair] as const))(
      '%s gives the same rows in chunks of 7 bytes',
      async (_, { body }) => {
        const whole = (await readBody(connector, body)).map(({ outcome, locator }) => ({ outcome, locator }));
        const chunked = (await readBody(connector, body, { chunkBytes: 7 })).map(({ outcome, locator }) => ({
          outcome,
          locator,
        }));
        expect(chunked).toEqual(whole);
      },
    );

    test('raw is the very bytes that the locator names', async () => {
      for (const { body } of pairs) {
        for (const { record } of await readBody(connector, body)) {
          if (record === null) continue;
          const exact = /^bytes=(\d+)-(\d+)$/.exec(record.locator);
          if (exact === null) continue;
          expect(body.subarray(Number(exact[1]), Number(exact[2])).toString()).toBe(record.raw);
        }
      }
    });
  });

  describe('is total', () => {
    const facts = { sha256: '0'.repeat(64), origin: 'x', modified: null };
    const keys = [...connector.nativeFields];
    const vendorish = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.double(),
        fc.constantFrom(
          '2023-07-10T11:45:00Z',
          '192.0.2.1',
          '{"a":1}',
          '-',
          'arn:aws:iam::111122223333:user/x',
        ),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('object'),
      ),
      object: fc.dictionary(
        fc.oneof(fc.constantFrom(...keys, 'type', 'value', 'properties'), fc.string()),
        tie('value'),
        { maxKeys: 8 },
      ),
    }));

    test('on arbitrary JSON', () => {
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), vendorish.object), (value) => {
          const raw = JSON.stringify(value) ?? 'null';
          const outcome = connector.normalise({ raw, bytes: null, value, locator: 'bytes=0-1' }, facts);
          expect(['event', 'flow', 'skipped', 'unreadable']).toContain(outcome.kind);
        }),
        { numRuns: 1000 },
      );
    });

    test('on arbitrary bodies', async () => {
      const piece = fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.string().map((s) => Buffer.from(s)),
        vendorish.object.map((o) => Buffer.from(`${JSON.stringify(o)}\n`)),
        fc
          .constantFrom('{"Records":[', ']}', '\n', ',', '2 123456789010 eni-1 192.0.2.1')
          .map((s) => Buffer.from(s)),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
          await readBody(connector, Buffer.concat(pieces));
          recognise(sampleOf('x', Buffer.concat(pieces), true));
        }),
        { numRuns: 300 },
      );
    });

    test('on its own samples with a few bytes changed', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...pairs),
          fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }),
          async ({ body }, changes) => {
            const changed = Buffer.from(body);
            for (const [at, byte] of changes) changed[at % Math.max(1, changed.length)] = byte;
            for (const { outcome } of await readBody(connector, changed)) {
              if (outcome.kind === 'unreadable') expect(outcome.code).not.toBe('mapping_failed');
            }
          },
        ),
        { numRuns: 200 },
      );
    });
  });
});

test('every connector folder is in the registry', () => {
  const folders = readdirSync(new URL('../../connectors/', import.meta.url), { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() &&
        existsSync(new URL(`../../connectors/${entry.name}/index.ts`, import.meta.url)),
    )
    .map(({ name }) => name);
  expect(connectors.map(({ id }) => id.replace('.', '-')).sort()).toEqual(folders.sort());
});
