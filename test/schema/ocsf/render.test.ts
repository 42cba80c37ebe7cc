import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classify } from '../../../schema/classify.ts';
import type { AuditEvent } from '../../../schema/columns.ts';
import { OCSF_CLASSES } from '../../../schema/ocsf/model.ts';
import { PRODUCTS } from '../../../schema/ocsf/products.ts';
import { type OcsfRecord, renderEvent, renderFlow } from '../../../schema/ocsf/render.ts';
import schema from '../../../schema/ocsf/schema.json' with { type: 'json' };
import { settleClass } from '../../../schema/ocsf/settle.ts';
import { validateOcsf } from '../../../schema/ocsf/validate.ts';
import { anyEvent, anyFlow } from './arbitrary-rows.ts';

const runs = { numRuns: 1500 };

describe('any row', () => {
  test('gives an event’s record that validates, or none without a time', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const record = renderEvent(event);
        if (record === null) expect(timeIsPlain(event.time)).toBe(false);
        else expect(validateOcsf(record)).toEqual([]);
      }),
      runs,
    );
  });

  test('gives a flow’s record that validates, or none without a time', () => {
    fc.assert(
      fc.property(anyFlow, (flow) => {
        const record = renderFlow(flow);
        if (record === null) expect(timeIsPlain(flow.time)).toBe(false);
        else expect(validateOcsf(record)).toEqual([]);
      }),
      runs,
    );
  });

  test('is settled on a class that its record then has, and settling again changes nothing', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        classify(event);
        const once = { ...event };
        const record = renderEvent(event);
        if (record !== null) {
          expect([
            record['class_name'],
            record['class_uid'],
            record['activity_name'],
            record['type_uid'],
          ]).toEqual([event.class, event.class_uid, event.activity, event.type_uid]);
        }
        settleClass(event);
        expect(event).toEqual(once);
      }),
      runs,
    );
  });

  test('gives no text that neither the row nor the schema holds', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const record = renderEvent(event);
        if (record === null) return;
        const known = wordsOfRow(event);
        const invented = textsOf(record).filter((text) => !SCHEMA_WORDS.has(text) && !known.includes(text));
        expect(invented).toEqual([]);
      }),
      runs,
    );
  });
});

const timeIsPlain = (time: number | null): boolean => Number.isSafeInteger(time);

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value as OcsfRecord).flatMap(textsOf);
}

/** All text of the row, also as it stands inside its JSON columns. */
function wordsOfRow(event: AuditEvent): string {
  const texts = Object.values(event).flatMap((value) => (Array.isArray(value) ? value : [value]));
  const inner = [event.request, event.response, event.ocsf_extra].flatMap((text) => {
    try {
      return textsAndNumbersOf(JSON.parse(text ?? 'null'));
    } catch {
      return [];
    }
  });
  return [...texts, ...inner, instantOf(event.time), instantOf(event.end_time)].join('\n');
}

function textsAndNumbersOf(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsAndNumbersOf);
  return [String(value)];
}

const instantOf = (micros: number | null): string => {
  const millis = Math.floor((micros ?? 0) / 1000);
  if (!(Math.abs(millis) <= 8.64e15)) return '';
  return `${new Date(millis).toISOString().slice(0, -1)}${String((micros ?? 0) - millis * 1000).padStart(3, '0')}Z`;
};

const SCHEMA_WORDS = new Set([
  schema.version,
  ...schema.profiles,
  'AWS',
  'Azure',
  'GCP',
  'Unknown',
  ...textsOf(schema.classes),
  ...textsOf(schema.objects),
  ...Object.values(PRODUCTS).flatMap(({ name, vendor }) => [name, vendor ?? '']),
  ...[...OCSF_CLASSES].flatMap(([caption, { attributes }]) => [
    caption,
    ...Object.values(attributes.get('activity_id')!.values!).map((activity) => `${caption}: ${activity}`),
  ]),
  'src_endpoint.ip',
  'dst_endpoint.ip',
  'src_endpoint.hostname',
  'dst_endpoint.hostname',
  'device.hostname',
  'actor.user.name',
  'user.name',
  'process.cmd_line',
  'http_request.user_agent',
]);
