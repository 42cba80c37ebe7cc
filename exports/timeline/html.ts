/**
 * A timeline as one HTML file that asks for nothing: no address outside itself, and a policy that allows its own style and
 * its own script alone, by their hashes. Without the script all of it can be read; with it, it can be filtered.
 */

import { BRAND_BARS } from '../page/brand.ts';
import { escapeHtml, textHtml } from '../page/html-text.ts';
import { shownText } from '../page/shown-text.ts';
import { linesHtml, PROOFS } from './html-lines.ts';
import { overviewHtml } from './html-overview.ts';
import { SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from './html-style.ts';
import { LANES, type Lane } from './lanes.ts';
import type { Selectors, TimelineData } from './model.ts';
import { type Summary, summaryOf } from './summary.ts';
import { clockText, dayText, durationText, isoText, laneOf } from './words.ts';

const POLICY = `default-src 'none'; style-src '${STYLE_HASH}'; script-src '${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`;
const BRAND = `<svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true"><rect class="f-ink" width="24" height="24" rx="5"/>${BRAND_BARS.map(([x, y, width, height]) => `<rect class="f-ground" x="${x}" y="${y}" width="${width}" height="${height}"/>`).join('')}</svg>`;

const grouped = (count: number): string => count.toLocaleString('en-US');

/** The file in pieces. The same timeline gives the same bytes. */
export function* timelineHtml(data: TimelineData, title: string | null): Generator<string> {
  const summary = summaryOf(data);
  const lanes = lanesOf(data, summary);
  const heading = title === null ? 'Timeline' : `Timeline of ${title}`;
  yield [
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(shownText(heading))}</title><style>${STYLE}</style></head>\n<body><div class="page">\n`,
    `<header class="top"><p class="brand">${BRAND}<span>Akashi · Timeline</span></p><h1>${textHtml(heading, 300)}</h1>`,
    `<p class="subtitle">${textHtml(askedText(data), 600)} <a href="#q">Go to its ${grouped(data.lines.length)} lines</a></p></header>\n`,
    figuresHtml(data, summary),
    overviewHtml(data, lanes),
    cardsHtml(data, summary),
    barHtml(lanes, summary),
    `<ol class="lines n${lanes.length}" aria-label="Timeline">\n`,
  ].join('');
  yield* linesHtml(data.lines, lanes);
  yield [
    '</ol><p class="none" id="none" hidden>No line fits the filter.</p>\n',
    `<footer>${textHtml(footText(data))}</footer>\n`,
    `</div><script>${SCRIPT}</script></body></html>\n`,
  ].join('');
}

/** Lanes of the lines and gaps, in the order of `LANES`. */
function lanesOf({ lines }: TimelineData, summary: Summary): Lane[] {
  const gaps = new Set(lines.flatMap((line) => (line.kind === 'gap' ? [laneOf(null, line.source)] : [])));
  const lanes = (Object.keys(LANES) as Lane[]).filter(
    (lane) => summary.lanes[lane] !== undefined || gaps.has(lane),
  );
  return lanes.length === 0 ? ['other'] : lanes;
}

const NOUNS: Readonly<Record<keyof Selectors, string>> = {
  actors: 'actor',
  ips: 'address',
  targets: 'target',
  sessions: 'session',
  keys: 'key',
};

function askedText({ selectors, asked }: TimelineData): string {
  const wanted = (Object.keys(NOUNS) as (keyof Selectors)[]).flatMap((name) =>
    selectors[name].map((value) => `${NOUNS[name]} ${value}`),
  );
  const bounds = [
    asked.from === null ? '' : `since ${isoText(asked.from).slice(0, 19)}Z`,
    asked.to === null ? '' : `until ${isoText(asked.to).slice(0, 19)}Z`,
  ].filter(Boolean);
  return [`Everything of ${wanted.join(' or ')}`, ...bounds].join(', ');
}

function figuresHtml({ lines, cut }: TimelineData, summary: Summary): string {
  const times = lines.flatMap((line) => (line.kind === 'gap' || line.time === null ? [] : [line.time]));
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  const proven = summary.proof.sealed + summary.proof.stamped;
  const records = summary.events + summary.flows;
  const figure = (name: string, value: string, change: string, tone = 'plain') =>
    `<li><span class="name">${name}</span><span class="value">${value}</span><span class="change ${tone}">${change}</span></li>`;
  return [
    '<ul class="figures">',
    figure('Events', grouped(summary.events), `and ${grouped(summary.flows)} network flows`),
    figure(
      'From first to last',
      times.length === 0 ? '–' : durationText(last - first),
      times.length === 0 ? '' : `${dayText(first)} ${clockText(first)} UTC`,
    ),
    figure(
      'Identities',
      grouped(summary.identities.length),
      `${grouped(summary.tried.length)} more tried in vain`,
    ),
    figure(
      'Gaps',
      grouped(summary.gaps),
      summary.gaps === 0 ? 'none known in these hours' : 'where records are missing',
      summary.gaps === 0 ? 'plain' : 'bad',
    ),
    figure(
      'Proven',
      `${grouped(proven)} of ${grouped(records)}`,
      summary.proof.unread > 0
        ? `${grouped(summary.proof.unread)} not read again`
        : summary.proof.stamped > 0
          ? `${grouped(summary.proof.stamped)} time-stamped`
          : 'sealed and whole',
      proven === records ? 'good' : 'warn',
    ),
    '</ul>\n',
    cut === null
      ? ''
      : `<div class="note bad" role="note"><p class="title">Cut by a limit</p><p>Only the first ${grouped(cut.shown)} of ${grouped(cut.found ?? cut.shown)} records are here.</p></div>\n`,
  ].join('');
}

function cardsHtml(
  { unknowns, leads }: TimelineData,
  { deeds, identities, tried, addresses }: Summary,
): string {
  const item = (name: string, tally: string, sub: string, tone = '') =>
    `<li class="${tone}">${tally === '' ? '' : `<span class="tally">${tally}</span>`}<b>${textHtml(name, 200)}</b>${sub === '' ? '' : `<span class="sub">${textHtml(sub, 600)}</span>`}</li>`;
  const card = (title: string, items: readonly string[]) =>
    items.length === 0 ? '' : `<section class="card"><h2>${title}</h2><ul>${items.join('')}</ul></section>`;
  const who = identities.slice(0, 8).map(({ name, type, lines, clouds, because }) => {
    const where = clouds.map((lane) => LANES[lane]).join(', ');
    return item(
      name,
      grouped(lines),
      [type, where].filter(Boolean).join(' · ') + (because === null ? '' : ` · ${because}`),
    );
  });
  if (identities.length > 8) who.push(item(`and ${grouped(identities.length - 8)} more`, '', ''));
  if (tried.length > 0) who.push(item('Tried in vain', grouped(tried.length), tried.slice(0, 12).join(', ')));
  if (addresses.length > 0)
    who.push(
      item(
        'From',
        grouped(addresses.length),
        addresses
          .slice(0, 8)
          .map(({ ip, lines }) => `${ip} (${grouped(lines)})`)
          .join(', '),
      ),
    );
  const next = leads.map(
    ({ selector, value, because }) =>
      `<li><code>--${selector} ${textHtml(value, 200)}</code><span class="sub">${textHtml(because, 300)}</span></li>`,
  );
  return `<div class="cards">${[
    card(
      'What was done',
      deeds.map(({ title, grave, count, what }) =>
        item(title[0]!.toUpperCase() + title.slice(1), grouped(count), what.join(' · '), grave ? 'bad' : ''),
      ),
    ),
    card('As whom', who),
    `<div>${card(
      'What is not known',
      unknowns.map(({ grave, text }) => `<li class="${grave ? 'bad' : ''}">${textHtml(text, 600)}</li>`),
    )}${card('Look further', next)}</div>`,
  ].join('')}</div>\n`;
}

function barHtml(lanes: readonly Lane[], { flows, gaps }: Summary): string {
  const chip = (value: string, text: string, classes = '') =>
    `<label class="chip ${classes}"><input type="checkbox" value="${value}" checked autocomplete="off">${text}</label>`;
  return [
    '<div class="bar" role="search"><input type="search" id="q" placeholder="Filter: words of a name, an address, an action, the record…" aria-label="Filter" autocomplete="off" spellcheck="false">',
    ...lanes.map((lane, at) => chip(lane, LANES[lane], `c${at}`)),
    chip('failed', 'Failed'),
    flows > 0 ? chip('flow', 'Flows') : '',
    gaps > 0 ? chip('gap', 'Gaps') : '',
    '<button type="button" id="fold">Unfold bursts</button><span class="shown" id="shown" role="status"></span></div>\n',
  ].join('');
}

function footText({ head, asOf }: TimelineData): string {
  const marks = Object.values(PROOFS)
    .map(({ mark, text }) => `${mark} ${text}`)
    .join(', ');
  return (
    `${marks}. Ledger of ${grouped(head.size)} entries${head.root === null ? '' : `, root ${head.root}`}; head ${head.name}. ` +
    `Coverage as of ${isoText(asOf).slice(0, 19)}Z. Times are UTC. \`akashi prove <uid>\` writes the proof of one record for others to check.`
  );
}
