/**
 * A page as one HTML file that asks for nothing: no script, no image, no font, no address outside itself, and a policy that would
 * forbid them. Numbers of charts are also tables. The same page gives the same bytes.
 */

import { anchorsOf } from './anchors.ts';
import { BRAND_BARS } from './brand.ts';
import { layoutChart, paintedSeries } from './chart-layout.ts';
import { STYLE, STYLE_HASH, WIDEST_LEAST } from './html-style.ts';
import { escapeHtml, inlineHtml, textHtml } from './html-text.ts';
import { shortNumber, wholeNumberText } from './number-text.ts';
import {
  type Block,
  type Chart,
  type Fact,
  type Figure,
  type Page,
  plainText,
  type Section,
  type Table,
  type TableColumn,
  type TableRow,
} from './page.ts';
import { LONGEST_CELL, LONGEST_CODE, shownText } from './shown-text.ts';
import { drawingSvg } from './svg.ts';

const BRAND = `<svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true"><rect class="f-ink" width="24" height="24" rx="5"/>${BRAND_BARS.map(([x, y, width, height]) => `<rect class="f-ground" x="${x}" y="${y}" width="${width}" height="${height}"/>`).join('')}</svg>`;
const WIDE = 760;
const NARROW = 340;
const POLICY = `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;
/** Fewer sections need no list of contents. */
const LEAST_CONTENTS = 3;

/** Throws PAGE_INVALID for a page whose links lead nowhere or whose ids are given twice. */
export function renderHtml(page: Page): string {
  anchorsOf(page);
  return [
    `<!DOCTYPE html>\n<html lang="${escapeHtml(page.lang)}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(shownText(page.title))}</title><style>${STYLE}</style></head>\n<body><div class="page">\n`,
    `<header class="top"><p class="brand">${BRAND}<span>Akashi${eyebrow(page)}</span></p>`,
    `<h1>${textHtml(page.title)}</h1>`,
    page.subtitle === '' ? '' : `<p class="subtitle">${textHtml(page.subtitle)}</p>`,
    `</header>\n${facts(page.facts)}\n${contents(page.sections)}\n<main>\n`,
    ...page.sections.map(section),
    `</main>\n<footer>${textHtml(page.foot)}</footer>\n</div></body></html>\n`,
  ].join('');
}

const eyebrow = (page: Page): string =>
  page.eyebrow === undefined ? '' : ` · <bdi>${textHtml(page.eyebrow)}</bdi>`;

function contents(sections: readonly Section[]): string {
  const listed = sections.filter(({ unlisted }) => !unlisted);
  if (listed.length < LEAST_CONTENTS) return '';
  const items = listed.map(({ id, title }) => `<li><a href="#${id}">${textHtml(title)}</a></li>`);
  return `<nav aria-label="Contents"><h2>Contents</h2><ol>${items.join('')}</ol></nav>`;
}

function section({ id, title, blocks, newSheet }: Section): string {
  const sheet = newSheet ? ' class="sheet"' : '';
  return `<section${sheet}><h2 id="${id}">${textHtml(title)}</h2>\n${blocks.map(block).join('\n')}\n</section>\n`;
}

const idOf = (id: string | undefined): string => (id === undefined ? '' : ` id="${id}"`);

function block(one: Block): string {
  switch (one.kind) {
    case 'text':
      return `<p${idOf(one.id)}>${inlineHtml(one.text)}</p>`;
    case 'heading':
      return `<h3${idOf(one.id)}>${textHtml(one.text)}</h3>`;
    case 'list':
      return `<ul class="items">${one.items.map((item) => `<li>${inlineHtml(item)}</li>`).join('')}</ul>`;
    case 'facts':
      return facts(one.facts);
    case 'figures':
      return `<ul class="figures">${one.figures.map(figure).join('')}</ul>`;
    case 'code': {
      const caption = one.caption === undefined ? '' : `<p class="block-title">${textHtml(one.caption)}</p>`;
      return `${caption}<pre${idOf(one.id)}><code>${codeHtml(one.text)}</code></pre>`;
    }
    case 'note':
      return `<div class="note ${one.tone}" role="note"${idOf(one.id)}><p class="title">${textHtml(one.title)}</p><p>${inlineHtml(one.text)}</p></div>`;
    case 'table':
      return table(one);
    case 'chart':
      return chart(one);
    default:
      return one satisfies never;
  }
}

/** Lines and tabs are what code consists of; all else that acts is escaped. */
const codeHtml = (text: string): string =>
  (text.length > LONGEST_CODE ? `${text.slice(0, LONGEST_CODE)}` : text)
    .split('\n')
    .map((line) => textHtml(line.replaceAll('\t', '  '), LONGEST_CODE))
    .join('\n') + (text.length > LONGEST_CODE ? cutNote(text.length) : '');

const cutNote = (length: number): string =>
  `\n<span class="esc">… [cut; ${wholeNumberText(length)} characters in all]</span>`;

function facts(list: readonly Fact[]): string {
  if (list.length === 0) return '';
  const items = list.map(
    ({ name, value, id }) => `<dt${idOf(id)}>${textHtml(name)}</dt><dd>${inlineHtml(value)}</dd>`,
  );
  return `<dl>${items.join('')}</dl>`;
}

function figure({ name, value, to, change, tone }: Figure): string {
  const number = to === undefined ? textHtml(value) : `<a href="#${to}">${textHtml(value)}</a>`;
  const told =
    change === undefined ? '' : `<span class="change ${tone ?? 'plain'}">${textHtml(change)}</span>`;
  return `<li><span class="name">${textHtml(name)}</span><span class="value">${number}</span>${told}</li>`;
}

function table({ caption, columns, rows, empty }: Table): string {
  const classes = columns.map((column, at) => {
    const width = leastWidth(column, at, rows);
    return `${column.align === 'right' ? 'num ' : ''}${column.mono ? 'mono ' : ''}w${width}`;
  });
  const heads = columns.map(
    ({ title }, at) => `<th scope="col" class="${classes[at]}">${textHtml(title)}</th>`,
  );
  const body =
    rows.length === 0
      ? `<tr><td class="empty" colspan="${columns.length}">${textHtml(empty ?? 'None.')}</td></tr>`
      : rows.map((row) => tableRow(row, classes)).join('\n');
  const label = caption === undefined ? 'Table' : shownText(caption, 200);
  const title = caption === undefined ? '' : `<caption>${textHtml(caption)}</caption>`;
  return (
    `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(label)}"><table>${title}` +
    `<thead><tr>${heads.join('')}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
  );
}

/** Steps of two characters up to `WIDEST_LEAST`: narrower contents are never broken, longer ones not pressed to a letter a line. */
function leastWidth({ title, width = 1 }: TableColumn, at: number, rows: readonly TableRow[]): number {
  let longest = title.split(' ').reduce((most, word) => Math.max(most, word.length), 0);
  for (const { cells } of rows) {
    const cell = cells[at];
    if (cell !== undefined) longest = Math.max(longest, plainText(cell).length);
  }
  return Math.ceil(Math.min(longest + 1, WIDEST_LEAST * Math.min(1.5, Math.max(0.5, width))) / 2) * 2;
}

function tableRow({ cells, id, tone }: TableRow, classes: readonly string[]): string {
  const marked = tone === undefined || tone === 'plain' ? '' : ` class="${tone}"`;
  const inner = classes.map(
    (names, at) => `<td class="${names}">${inlineHtml(cells[at] ?? '', LONGEST_CELL)}</td>`,
  );
  return `<tr${idOf(id)}${marked}>${inner.join('')}</tr>`;
}

function chart(one: Chart): string {
  const told = shownText(`${one.title}. ${one.description}`);
  const title = textHtml(one.title);
  return (
    `<figure><figcaption>${one.to === undefined ? title : `<a href="#${one.to}">${title}</a>`}</figcaption>` +
    `<p>${textHtml(one.description)}</p>` +
    drawingSvg(layoutChart(one, WIDE), told, 'wide') +
    drawingSvg(layoutChart(one, NARROW), told, 'narrow') +
    `<details><summary>The numbers as a table</summary>${chartTable(one)}</details></figure>`
  );
}

function chartTable(one: Chart): string {
  const series = paintedSeries(one);
  const cell = (value: number | null | undefined): string => {
    if (typeof value !== 'number') return 'not known';
    return one.unit === 'percent' ? shortNumber(value, one.unit) : wholeNumberText(value);
  };
  const columns: TableColumn[] = [
    { title: one.labelTitle },
    ...series.map(({ name }) => ({ title: name, align: 'right' as const })),
  ];
  const rows = one.labels.map((label, at) => ({
    cells: [label, ...series.map(({ values }) => cell(values[at]))],
  }));
  return table({ kind: 'table', caption: `${one.title}: ${one.valueTitle}`, columns, rows });
}
