import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../../exports/page/html.ts';
import type { Page } from '../../../exports/page/page.ts';
import { shownText } from '../../../exports/page/shown-text.ts';
import { pageSaying } from './any-page.ts';
import { type ReadHtml, readHtml } from './read-html.ts';
import { HOSTILE, SAMPLE_PAGE } from './sample-page.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
  fc.constantFrom(...HOSTILE),
  fc
    .array(
      fc.constantFrom('<', '>', '"', "'", '&', '</style>', '<!--', ']]>', 'lt;', '\u202e', '\r\n', '\0'),
      {
        minLength: 1,
      },
    )
    .map((parts) => parts.join('')),
);

/** Tags without those that set escaped characters apart: how many of these there are is up to the text. */
const tagsOf = ({ tags }: ReadHtml): readonly string[] => tags.filter((tag) => !tag.endsWith('span'));

describe('HTML of a page', () => {
  test('any text in any place gives its own elements and no other', () => {
    // Legends and axes leave words out where they have no room, so only charts may differ in texts.
    const plain = tagsOf(readHtml(renderHtml(pageSaying('word'))));
    fc.assert(
      fc.property(anyText, (text) => {
        const read = readHtml(renderHtml(pageSaying(text)));
        expect(tagsOf(read)).toEqual(plain);
        expect(read.texts.join('')).toContain(shownText(text, 400));
      }),
      { numRuns: 150 },
    );
  });

  test('nothing that acts or hides is left in it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const html = renderHtml(pageSaying(text));
        expect(html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
      { numRuns: 60 },
    );
  });

  test('the same page is the same bytes', () => {
    expect(renderHtml(SAMPLE_PAGE)).toBe(renderHtml(structuredClone(SAMPLE_PAGE)));
  });

  test('it names no address but its own places, and its policy allows one style and nothing else', () => {
    const html = renderHtml(SAMPLE_PAGE);
    expect([...html.matchAll(/(?:src|href)="([^"]*)"/g)].every(([, to]) => to!.startsWith('#'))).toBe(true);
    expect(html).toMatch(/default-src 'none'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'/);
    expect(html).not.toMatch(/<script|style="|@import|url\(/);
  });

  test('a value that is too long is cut, and says how long it is', () => {
    const { texts } = readHtml(renderHtml(pageSaying('y'.repeat(50_000))));
    expect(texts.join('\n')).toContain('… [cut; 50,000 characters in all]');
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(20_100);
  });

  test('a link that leads nowhere and an id given twice are mistakes of the page', () => {
    const linking = (to: string, id: string): Page => ({
      ...SAMPLE_PAGE,
      sections: [
        { id: 'one', title: 'One', blocks: [{ kind: 'text', text: [{ text: 'a', to }] }] },
        { id, title: 'Two', blocks: [] },
      ],
      facts: [],
    });
    expect(() => renderHtml(linking('one', 'two'))).not.toThrow();
    expect(() => renderHtml(linking('three', 'two'))).toThrow(/leads to "three"/);
    expect(() => renderHtml(linking('one', 'one'))).toThrow(/given twice/);
    expect(() => renderHtml(linking('one', 'a" onclick="x'))).toThrow(/is no id/);
  });
});
