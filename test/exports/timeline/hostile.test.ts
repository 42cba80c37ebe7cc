/** Values that attackers wrote, in every form of a timeline: inert, bounded, and never in the way of other lines. */

import { describe, expect, test } from 'vitest';
import { summaryText } from '../../../cli/timeline-summary.ts';
import { timelineText } from '../../../cli/timeline-text.ts';
import { textWidth } from '../../../engine/format/width.ts';
import { timelineHtml } from '../../../exports/timeline/html.ts';
import { indented } from '../../../exports/timeline/indented.ts';
import { timelineJson } from '../../../exports/timeline/json.ts';
import { timesketchCsv, timesketchLines } from '../../../exports/timeline/timesketch.ts';
import { hostileTimeline } from './hostile.ts';
import { readCsv, readTimesketch } from './timesketch-reader.ts';

const data = hostileTimeline();
/** What could drive a terminal, reorder text or hide. */
const ACTS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

describe('on a terminal', () => {
  test.each([40, 80, 120, 200])('nothing acts and nothing is wider than %i columns', (width) => {
    for (const all of [true, false])
      for (const line of [...timelineText(data, width, all), ...summaryText(data, width)].flatMap((text) =>
        text.split('\n'),
      )) {
        expect(line).not.toMatch(ACTS);
        if (width >= 80) expect(textWidth(line)).toBeLessThanOrEqual(width);
      }
  });
});

test('HTML: only our own elements, one script, and a policy that names it by its hash', () => {
  const html = [...timelineHtml(data, '<script>alert(1)</script>')].join('');
  expect(html.match(/<script/g)).toHaveLength(1);
  for (const element of ['<img', '<svg onload', '<iframe', '="javascript:', '</title></style'])
    expect(html.toLowerCase()).not.toContain(element);
  expect(html).not.toMatch(/ on\w+="|\sstyle="/);
  expect(html.replaceAll('\n', '')).not.toMatch(ACTS);
  expect(html).toMatch(/script-src 'sha256-[\w+/=]+'; base-uri 'none'/);
});

test('CSV and JSON lines: every line is there, Timesketch reads them, no cell is a formula', () => {
  const csv = [...timesketchCsv(data)].join('');
  const rows = readCsv(csv);
  expect(rows).toHaveLength(data.lines.length);
  for (const row of rows)
    for (const [name, value] of Object.entries(row)) {
      if (!/^-?\d+$/.test(value)) expect(value, name).not.toMatch(/^[=+\-@\t\r＝＋－＠]/);
      expect(value).not.toMatch(ACTS);
    }
  const lines = [...timesketchLines(data)].join('');
  expect(lines.split('\n').slice(0, -1)).toHaveLength(data.lines.length);
  expect(lines.replaceAll('\n', '')).not.toMatch(ACTS);
  expect(readTimesketch(csv, 'csv')).toHaveLength(data.lines.length);
  expect(readTimesketch(lines, 'jsonl')).toHaveLength(data.lines.length);
});

test('JSON: the values as they are, and nothing in it acts', () => {
  const text = [...timelineJson(data)].join('');
  expect(text.replaceAll('\n', '')).not.toMatch(ACTS);
  const parsed = JSON.parse(text) as { lines: Record<string, string>[] };
  const [line] = data.lines;
  expect(parsed.lines[0]!['user_agent']).toBe(line!.kind === 'gap' ? '' : line!.row['user_agent']);
});

test.each([
  [
    '{"a":1.50,"a":[],"b":{"c":"x,{\\"y\\"}"}}',
    '{\n  "a": 1.50,\n  "a": [],\n  "b": {\n    "c": "x,{\\"y\\"}"\n  }\n}',
  ],
  ['no JSON', 'no JSON'],
  ['{"broken', '{\n  "broken'],
  ['[}}}}', '[\n  \n}\n}\n}\n}'],
])('a record is set in lines and keeps every character: %s', (text, expected) => {
  expect(indented(text)).toBe(expected);
  expect(indented(text).replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
});
