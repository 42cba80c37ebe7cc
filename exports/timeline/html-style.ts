/** What a timeline's page adds to the style of all pages; one sheet, named by its hash in the page's policy. */

import { createHash } from 'node:crypto';
import { STYLE as PAGE_STYLE } from '../page/html-style.ts';
import { LANES, type Lane } from './lanes.ts';

const names = Object.keys(LANES) as Lane[];
/** Pixels of one lane. */
const LANE = 13;

/** Lanes stand in the order of `LANES`, each in its own colour, as many as a timeline has. */
const lanes = names
  .map(
    (_, at) =>
      `.c${at}{--lane:var(--s${at})}.p${at} .dot{left:${at * LANE + 3}px}.p${at} .band{left:${at * LANE + 1}px}` +
      `.n${at + 1} .rail{width:${(at + 1) * LANE}px}.n${at + 1}{--rail:${(at + 1) * LANE}px}`,
  )
  .join('');

const HATCH = 'repeating-linear-gradient(135deg,var(--tone) 0 2px,transparent 2px 7px)';

export const STYLE = `${PAGE_STYLE}
.page{max-width:1360px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,360px),1fr));gap:14px;margin:20px 0}
.card{border:1px solid var(--line);border-radius:8px;padding:14px 16px}
.card h2{all:unset;display:block;font-weight:650;font-size:15px;margin-bottom:8px}
.card ul{list-style:none;margin:0;padding:0;font-size:13.5px;line-height:1.45}
.card li{padding:5px 0 5px 11px;border-top:1px solid var(--line);border-left:3px solid transparent;unicode-bidi:plaintext}
.card li:first-child{border-top:0}
.card b{font-weight:600}
.card .sub{color:var(--muted);display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
.cards>div>.card+.card{margin-top:14px}
.subtitle a{font-size:14px;white-space:nowrap;margin-left:8px}
.card li.bad{border-left-color:var(--bad)}
.card code{display:inline-block;background:var(--panel);border-radius:4px;padding:1px 6px}
.tally{float:right;color:var(--muted);font-variant-numeric:tabular-nums;margin-left:10px}
.over{display:grid;grid-template-columns:auto minmax(0,1fr);gap:3px 12px;align-items:center;margin:20px 0 4px;font-size:12.5px}
.over svg{height:22px;background:var(--panel);border-radius:3px}
.over .name{color:var(--muted)}
.over .axis{grid-column:2;display:flex;justify-content:space-between;color:var(--muted);font-size:12px;font-variant-numeric:tabular-nums}
.over rect{stroke:none}
.over .fill{fill:var(--lane)}
.over .gap{fill:var(--bad-ground);stroke:var(--bad);stroke-width:1;vector-effect:non-scaling-stroke}
.over .silent{fill:var(--warn-ground);stroke:var(--warn);stroke-width:1;vector-effect:non-scaling-stroke}
.bar{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:8px;align-items:center;background:var(--ground);padding:10px 0;margin-top:24px;border-bottom:1px solid var(--line)}
.bar input[type=search]{flex:1 1 220px;min-width:0;font:inherit;font-size:14px;padding:6px 12px;border:1px solid var(--muted);border-radius:8px;background:var(--ground);color:var(--ink)}
.bar button,.chip{font:inherit;font-size:13px;border:1px solid var(--line);border-radius:14px;background:var(--ground);color:var(--ink);padding:3px 11px;cursor:pointer}
.chip{display:inline-flex;gap:6px;align-items:center;user-select:none}
.chip input{appearance:none;margin:0;width:9px;height:9px;border-radius:50%;background:transparent;border:1px solid var(--lane,var(--muted));outline-offset:4px}
.chip input:checked{background:var(--lane,var(--ink))}
.chip:has(:focus-visible),.bar button:focus-visible,.bar input:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.chip:has(input:not(:checked)){color:var(--muted);border-style:dashed}
.shown{font-size:13px;color:var(--muted);font-variant-numeric:tabular-nums;margin-left:auto}
.lines,.lines ol{list-style:none;margin:0;padding:0;font-size:13.5px;line-height:1.4}
.lines [hidden]{display:none}
.day{font-weight:650;font-size:15px;padding:22px 0 6px}
.later{color:var(--muted);font-size:12.5px;padding:6px 0 6px calc(92px + var(--rail))}
.part{content-visibility:auto;contain-intrinsic-size:auto 3200px}
.ln,.gapline{scroll-margin-top:90px}
.ln{border-top:1px solid var(--line)}
.ln details,.burst details{margin:0;font-size:inherit}
.ln summary,.gapline{display:grid;width:auto;grid-template-columns:64px var(--rail) minmax(215px,12fr) minmax(0,20fr) minmax(0,12fr) minmax(0,9fr) minmax(0,8fr) 16px;gap:0 12px;padding:5px 6px 5px 0;align-items:baseline;color:var(--ink);list-style:none;cursor:pointer}
.ln summary::-webkit-details-marker{display:none}
.ln summary:hover{background:var(--panel)}
.ln summary>span,.gapline>span{unicode-bidi:isolate;min-width:0}
.t{grid-row:1;grid-column:1;white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--muted);font-size:12.5px}
.by{display:contents}
.rail{position:relative;grid-row:1/span 2;grid-column:2;align-self:stretch;margin:-5px 0;min-height:18px;background:repeating-linear-gradient(90deg,transparent 0 6px,var(--line) 6px 7px,transparent 7px ${LANE}px)}
.dot{position:absolute;top:10px;width:8px;height:8px;border-radius:50%;background:var(--lane);box-shadow:0 0 0 2px var(--ground)}
.flow .dot{border-radius:1px;transform:rotate(45deg) scale(.82)}
.failed .dot{background:var(--ground);border:2px solid var(--lane)}
.act{font-weight:600}
.who,.from{color:var(--muted)}
.from{font-variant-numeric:tabular-nums}
.tgt code{font-size:.92em}
.res{font-size:12.5px;color:var(--muted)}
.failed .res,.res.bad{color:var(--bad);font-weight:600}
.conflict .res{color:var(--warn);font-weight:650}
.times{display:inline-block;margin-left:5px;padding:0 7px;border-radius:9px;background:var(--quiet-ground);font-size:12px;font-weight:600}
.pf{color:var(--good);text-align:right}
.pf.broken{color:var(--bad);font-weight:700}.pf.unread{color:var(--muted)}
.why{grid-column:3/-1;color:var(--muted);font-size:12.5px}
.burst>details>ol{margin-left:18px;border-left:2px solid var(--lane)}
.burst>details>ol .ln summary{padding-left:8px}
.body{padding:4px 0 14px calc(88px + var(--rail))}
.body dl{margin:6px 0 10px;gap:2px 18px;font-size:13px;grid-template-columns:minmax(7em,auto) minmax(0,1fr)}
.body pre{margin:6px 0;max-height:420px;overflow:auto}
.body .label{font-size:12.5px;color:var(--muted);margin:8px 0 0}
.gapline{cursor:default;border-top:1px solid var(--line);--tone:var(--bad)}
.gapline.silent{--tone:var(--warn)}
.gapline .said{grid-column:3/-1;padding:7px 12px;border-radius:6px;color:var(--tone);font-weight:600;background:var(--bad-ground);border-left:4px solid var(--tone)}
.gapline.silent .said{background:var(--warn-ground)}
.band{position:absolute;top:0;bottom:0;width:${LANE - 2}px;background:${HATCH};border-radius:2px}
.none{padding:28px 0;color:var(--muted);text-align:center}
${lanes}
@media (max-width:860px){
.bar{position:static}
.bar input[type=search]{flex-basis:100%}
.ln summary,.gapline{grid-template-columns:60px var(--rail) minmax(0,1fr) 14px;gap:1px 9px}
.tgt,.by,.res,.why{grid-column:3/-1}
.tgt:empty,.who:empty,.from:empty,.res:empty{display:none}
.by{display:block}
.who:not(:empty)+.from:not(:empty)::before{content:" from "}
.pf{grid-row:1;grid-column:4}
.rail{grid-row:1/span 5}
.t{grid-row:1}
.body,.later{padding-left:0}
.part{contain-intrinsic-size:auto 8400px}
.times{margin-left:0}
}
@media print{.bar{display:none}.part{content-visibility:visible}.over svg{print-color-adjust:exact}.lines details{display:block}}
`;

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** As a Content-Security-Policy names it. */
export const STYLE_HASH = hashOf(STYLE);

/** Filter and folding: it hides and opens what is there, and makes nothing. */
export const SCRIPT = `
(() => {
  'use strict';
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const box = document.getElementById('q');
  const shown = document.getElementById('shown');
  const none = document.getElementById('none');
  const fold = document.getElementById('fold');
  const lines = all('.ln:not(.burst),.gapline');
  const bursts = all('.burst');
  const later = all('.later');
  const rows = all('.day,.ln,.gapline');
  const texts = new Map();
  const textOf = (line) => {
    let text = texts.get(line);
    if (text === undefined) texts.set(line, (text = line.textContent.toLowerCase()));
    return text;
  };
  const opened = new Set();
  const apply = () => {
    const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const off = new Set(all('.chip input:not(:checked)').map((chip) => chip.value));
    const kinds = (line) => line.dataset.k.split(' ');
    let count = 0;
    for (const line of lines) {
      const fits = !kinds(line).some((kind) => off.has(kind)) && words.every((word) => textOf(line).includes(word));
      line.hidden = !fits;
      if (fits) count++;
    }
    const filtered = words.length > 0 || off.size > 0;
    for (const burst of bursts) {
      burst.hidden = all('.ln', burst).every((line) => line.hidden);
      const details = burst.firstElementChild;
      if (words.length > 0 && !burst.hidden && !details.open) opened.add(details), (details.open = true);
    }
    if (words.length === 0) {
      for (const details of opened) details.open = false;
      opened.clear();
    }
    for (const one of later) one.hidden = filtered;
    let day = null;
    for (const row of rows)
      if (row.classList.contains('day')) (day = row), (day.hidden = true);
      else if (!row.hidden && day !== null) day.hidden = false;
    shown.textContent = count.toLocaleString('en-US') + ' of ' + lines.length.toLocaleString('en-US') + ' lines';
    none.hidden = count > 0;
  };
  let timer = 0;
  box.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  document.addEventListener('change', (event) => event.target.closest('.chip') && apply());
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && document.activeElement !== box) event.preventDefault(), box.focus();
    if (event.key === 'Escape' && document.activeElement === box) (box.value = ''), apply();
  });
  fold.addEventListener('click', () => {
    const open = bursts.some((burst) => !burst.firstElementChild.open);
    for (const burst of bursts) burst.firstElementChild.open = open;
    opened.clear();
    fold.textContent = open ? 'Fold bursts' : 'Unfold bursts';
  });
  fold.hidden = bursts.length === 0;
  apply();
})();
`;
export const SCRIPT_HASH = hashOf(SCRIPT);
