/** Code and notes, which lie on a ground of their own. */

import type { Block } from './page.ts';
import { linesOf } from './pdf-lines.ts';
import { lineHeight, MARGIN, type Sheet, WIDTH } from './pdf-sheet.ts';
import { BODY, write } from './pdf-write.ts';
import { LONGEST_CODE } from './shown-text.ts';

/** Code keeps its lines; its ground goes on at the next sheet. */
export function drawCode(sheet: Sheet, { text, caption, id }: Block & { kind: 'code' }): void {
  const size = 7.6;
  const height = lineHeight(size);
  const shown = text.length > LONGEST_CODE ? text.slice(0, LONGEST_CODE) : text;
  const lines = shown.split('\n').flatMap((line) =>
    linesOf(line.replaceAll('\t', '  '), sheet.fonts, WIDTH - 20, {
      size,
      style: 'mono',
      longest: LONGEST_CODE,
    }),
  );
  if (shown !== text)
    lines.push(
      ...linesOf(
        `… [cut; ${text.length.toLocaleString('en-US')} characters in all]`,
        sheet.fonts,
        WIDTH - 20,
        { size, colour: 'warn' },
      ),
    );
  sheet.need(Math.min(lines.length, 6) * height + 30);
  sheet.gap(4);
  if (caption !== undefined)
    write(sheet, caption, { size: 8.5, style: 'bold', colour: 'muted', longest: 300 });
  sheet.place(id);
  for (let at = 0; at < lines.length; ) {
    const fit = Math.max(1, Math.floor((sheet.room - 12) / height));
    const part = lines.slice(at, at + fit);
    sheet.box(MARGIN.left, sheet.y, WIDTH, part.length * height + 12, 'panel', 4);
    sheet.y += 6;
    for (const line of part) {
      sheet.line(line, MARGIN.left + 10, sheet.y, size);
      sheet.y += height;
    }
    sheet.y += 6;
    at += part.length;
    if (at < lines.length) sheet.breakSheet();
  }
  sheet.y += 6;
}

export function drawNote(sheet: Sheet, { tone, title, text, id }: Block & { kind: 'note' }): void {
  const inner = WIDTH - 26;
  const colour = tone === 'plain' ? 'quiet' : tone;
  const titles = linesOf(title, sheet.fonts, inner, { size: BODY, style: 'bold', colour, longest: 300 });
  const texts = linesOf(text, sheet.fonts, inner, { size: 9 });
  const height = titles.length * lineHeight(BODY) + texts.length * lineHeight(9) + 14;
  sheet.need(height + 8);
  sheet.gap(5);
  sheet.place(id);
  // One that is higher than a sheet has no ground: it would end with the sheet.
  const fits = height <= sheet.room;
  if (fits) sheet.box(MARGIN.left, sheet.y, WIDTH, height, `${colour}-ground`);
  if (fits) sheet.box(MARGIN.left, sheet.y, 3, height, colour);
  sheet.y += 7;
  sheet.flow(titles, MARGIN.left + 14, BODY);
  sheet.flow(texts, MARGIN.left + 14, 9);
  sheet.y += 14;
}
