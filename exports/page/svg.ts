/** A drawing as SVG inside a page. Colours are classes of the page's style, so that dark and light both work. */

import type { Drawing } from './chart-layout.ts';
import type { Mark } from './chart-marks.ts';
import { CHART_TEXT_SIZE } from './chart-text.ts';
import { escapeHtml } from './html-text.ts';

const ANCHOR = { start: '', middle: ' text-anchor="middle"', end: ' text-anchor="end"' } as const;

/** `label` is what a screen reader says in its place. */
export function drawingSvg({ width, height, marks }: Drawing, label: string, className: string): string {
  const size = `viewBox="0 0 ${short(width)} ${short(height)}"`;
  return (
    `<svg class="${className}" ${size} role="img" aria-label="${escapeHtml(label)}" ` +
    `font-size="${CHART_TEXT_SIZE}">${marks.map(markSvg).join('')}</svg>`
  );
}

function markSvg(mark: Mark): string {
  switch (mark.kind) {
    case 'rect': {
      const { x, y, width, height, fill, edge, title } = mark;
      const place = `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;
      const open = `<rect class="f-${fill}${edge ? ' edge' : ''}" ${place}`;
      return title === undefined ? `${open}/>` : `${open}><title>${escapeHtml(title)}</title></rect>`;
    }
    case 'line': {
      const { x1, y1, x2, y2, stroke } = mark;
      return `<line class="l-${stroke}" x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}"/>`;
    }
    case 'text': {
      const { x, y, anchor, fill, text } = mark;
      return `<text class="f-${fill}" x="${short(x)}" y="${short(y)}"${ANCHOR[anchor]}>${escapeHtml(text)}</text>`;
    }
    default:
      return mark satisfies never;
  }
}

const short = (value: number): string => String(Number(value.toFixed(2)));
