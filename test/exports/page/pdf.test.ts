import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Page } from '../../../exports/page/page.ts';
import { renderPdf } from '../../../exports/page/pdf.ts';
import { pageSaying } from './any-page.ts';
import { HOSTILE, SAMPLE_PAGE } from './sample-page.ts';

const hasPdftotext = spawnSync('pdftotext', ['-v']).error === undefined;

/** What a reader that knows nothing of us takes out of it, white space as one space. */
function textOf(pdf: Uint8Array): string {
  const { stdout, stderr, status } = spawnSync('pdftotext', ['-raw', '-', '-'], { input: pdf });
  expect(stderr.toString()).toBe('');
  expect(status).toBe(0);
  return stdout.toString().replace(/\s+/g, ' ');
}

const saying = (text: string): Page => ({
  ...SAMPLE_PAGE,
  facts: [{ name: 'Said', value: text }],
  sections: [],
});

describe('PDF of a page', () => {
  test('the same page is the same bytes, and its time is the only clock in them', async () => {
    const [one, again, later] = await Promise.all([
      renderPdf(SAMPLE_PAGE),
      renderPdf(structuredClone(SAMPLE_PAGE)),
      renderPdf({ ...SAMPLE_PAGE, at: '2026-10-01T00:05:01Z' }),
    ]);
    expect(Buffer.compare(one, again)).toBe(0);
    expect(Buffer.from(one).toString('latin1')).toContain('D:20261001000500Z');
    expect(Buffer.compare(one, later)).not.toBe(0);
  });

  test('no text of anyone stops it', async () => {
    const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom(...HOSTILE));
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const pdf = await renderPdf(pageSaying(text));
        expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
      }),
      { numRuns: 10 },
    );
  });

  test.skipIf(!hasPdftotext)(
    'its text can be taken out: Japanese, numbers of charts, sheets counted',
    async () => {
      const text = textOf(await renderPdf(SAMPLE_PAGE));
      for (const part of [
        'September 2026',
        '経理部 田中 花子',
        '20,114,503',
        'Events per day and source',
        '812 k',
      ])
        expect(text).toContain(part);
      expect(text).toContain('1 / 7');
      expect(text.match(/From To Port Sent Verdict Remark/g)?.length).toBeGreaterThan(2);
    },
  );

  test.skipIf(!hasPdftotext)('what it cannot print or what would act is named', async () => {
    const text = textOf(await renderPdf(saying('a\u202eb\u0000 \u0645\u0631 안 ok')));
    expect(text).toContain('a\\u{202e}b\\x00 U+0645 U+0631 U+C548 ok');
  });

  test.skipIf(!hasPdftotext)('a long value is cut, and says how long it is', async () => {
    const text = textOf(await renderPdf(saying('z'.repeat(30_000))));
    expect(text.replaceAll(' ', '')).toContain('[cut;30,000charactersinall]');
    expect(text.match(/z/g)).toHaveLength(2_000);
  });

  test.skipIf(!hasPdftotext)('a row that is higher than a sheet goes on at the next one', async () => {
    const narrow = Array.from({ length: 14 }, (_, at) => ({ title: `c${at}` }));
    const cells = narrow.map((_, at) => `${String(at % 10).repeat(390)}end`);
    const page: Page = {
      ...SAMPLE_PAGE,
      facts: [],
      sections: [{ id: 'a', title: 'A', blocks: [{ kind: 'table', columns: narrow, rows: [{ cells }] }] }],
    };
    const text = textOf(await renderPdf(page));
    expect(text.match(/end/g)).toHaveLength(14);
    expect(text).toContain('1 / 2');
  });
});
