/** The one style sheet of a page, named by its hash in the page's policy. */

import { createHash } from 'node:crypto';
import { type ColourName, DARK, LIGHT } from './palette.ts';

const names = Object.keys(LIGHT) as ColourName[];
const variables = (colours: Readonly<Record<ColourName, string>>): string =>
  names.map((name) => `--${name}:${colours[name]}`).join(';');

const SANS =
  'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Hiragino Sans","Noto Sans CJK JP","Noto Sans JP","Yu Gothic UI",Meiryo,sans-serif';
const MONO = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace';

/** Characters below which no column is pressed by its neighbours. */
export const WIDEST_LEAST = 24;
const leastWidths = Array.from({ length: WIDEST_LEAST * 0.75 }, (_, at) => (at + 1) * 2)
  .map((width) => `.w${width}{min-width:calc(${width}ch + 20px)}`)
  .join('');

export const STYLE = `
:root{color-scheme:light dark;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.55 ${SANS};overflow-wrap:anywhere}
.page{max-width:1080px;margin:0 auto;padding:0 24px 64px}
header.top{padding:40px 0 20px;border-bottom:3px solid var(--ink)}
.brand{display:flex;gap:10px;align-items:center;font-size:13px;color:var(--muted);margin:0 0 18px}
.brand svg{width:26px;height:26px}
h1{font-size:32px;line-height:1.2;letter-spacing:-.015em;margin:0;font-weight:700}
.subtitle{font-size:17px;color:var(--muted);margin:8px 0 0;max-width:46em}
h2{font-size:21px;line-height:1.3;letter-spacing:-.01em;margin:48px 0 12px;padding-top:14px;border-top:1px solid var(--line)}
h3{font-size:16px;margin:28px 0 8px}
p{margin:10px 0;max-width:62em;white-space:pre-line}
a{color:var(--accent);text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:3px;text-decoration-color:color-mix(in srgb,currentColor 40%,transparent)}
a:hover{text-decoration-color:currentColor}
a:focus-visible,.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
:target{background:var(--warn-ground);box-shadow:0 0 0 4px var(--warn-ground);border-radius:2px}
.mono,code,pre{font-family:${MONO};font-size:.88em}
.esc{color:var(--warn);background:var(--warn-ground);border-radius:3px;font-family:${MONO};font-size:.9em}
.mark{display:inline-block;padding:0 8px;border-radius:10px;font-size:12px;line-height:20px;font-weight:600;background:var(--quiet-ground);color:var(--ink)}
.mark.good{background:var(--good-ground);color:var(--good)}
.mark.warn{background:var(--warn-ground);color:var(--warn)}
.mark.bad{background:var(--bad-ground);color:var(--bad)}
.mark.quiet{background:var(--quiet-ground);color:var(--quiet)}
nav{margin:24px 0 0;padding:14px 18px;background:var(--panel);border-radius:8px;font-size:14px}
nav h2{all:unset;display:block;font-size:12px;font-weight:600;color:var(--muted);margin-bottom:6px}
nav ol{margin:0;padding:0;list-style:none;columns:3 220px;column-gap:28px}
nav li{padding:2px 0;break-inside:avoid}
dl{display:grid;grid-template-columns:minmax(9em,auto) minmax(0,1fr);gap:6px 20px;margin:18px 0;font-size:14px}
dt{color:var(--muted)}
dd{margin:0;white-space:pre-wrap;unicode-bidi:plaintext}
ul.items{margin:10px 0;padding-left:20px;max-width:62em}
ul.items li{margin:3px 0;white-space:pre-line}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(168px,1fr));gap:12px;margin:20px 0;padding:0;list-style:none}
.figures li{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:12px 14px}
.figures .name{display:block;font-size:13px;color:var(--muted)}
.figures .value{display:block;font-size:25px;line-height:1.25;font-weight:650;letter-spacing:-.01em;font-variant-numeric:tabular-nums;margin:2px 0}
.figures .value a{color:inherit}
.figures .change{font-size:13px;color:var(--muted)}
.figures .change.good{color:var(--good)}.figures .change.warn{color:var(--warn)}.figures .change.bad{color:var(--bad)}
.scroll{overflow-x:auto;margin:14px 0;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:13.5px;line-height:1.45}
caption{text-align:left;padding:9px 12px;font-weight:600;font-size:14px;border-bottom:1px solid var(--line)}
th,td{padding:6px 12px;text-align:left;vertical-align:top;white-space:pre-wrap;unicode-bidi:plaintext;overflow-wrap:anywhere}
thead th{font-family:inherit;background:var(--panel);font-weight:600;font-size:12.5px;color:var(--muted);border-bottom:1px solid var(--line);overflow-wrap:normal;vertical-align:bottom}
tbody tr+tr>*{border-top:1px solid var(--line)}
th.num,td.num{text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:normal}
td.mono{font-size:12px}
tr.good>:first-child{box-shadow:inset 3px 0 var(--good)}
tr.warn>:first-child{box-shadow:inset 3px 0 var(--warn)}
tr.bad>:first-child{box-shadow:inset 3px 0 var(--bad)}
tr.quiet>:first-child{box-shadow:inset 3px 0 var(--s7)}
td.empty{color:var(--muted)}
${leastWidths}
figure{margin:18px 0;padding:14px 16px 10px;border:1px solid var(--line);border-radius:8px}
figcaption{font-weight:600;margin-bottom:2px}
figure>p{margin:0 0 12px;font-size:13.5px;color:var(--muted)}
svg{display:block;width:100%;height:auto;font-family:${SANS};font-variant-numeric:tabular-nums}
svg.narrow{display:none}
${names.map((name) => `.f-${name}{fill:var(--${name})}`).join('')}
.l-line{stroke:var(--line)}.l-muted{stroke:var(--muted)}
rect.edge{stroke:var(--ground);stroke-width:.7}
details{font-size:13.5px;margin-top:8px}
summary{cursor:pointer;color:var(--muted);width:max-content}
pre{margin:14px 0;padding:12px 14px;background:var(--panel);border:1px solid var(--line);border-radius:8px;white-space:pre-wrap;font-size:12.5px;line-height:1.5}
.block-title{font-weight:600;font-size:14px;margin:18px 0 -6px}
.note{border-left:4px solid var(--quiet);background:var(--quiet-ground);border-radius:0 8px 8px 0;padding:10px 16px;margin:16px 0}
.note p{margin:2px 0;white-space:pre-line}
.note .title{font-weight:650}
.note.good{border-color:var(--good);background:var(--good-ground)}
.note.warn{border-color:var(--warn);background:var(--warn-ground)}
.note.bad{border-color:var(--bad);background:var(--bad-ground)}
.note.good .title{color:var(--good)}.note.warn .title{color:var(--warn)}.note.bad .title{color:var(--bad)}
footer{margin-top:56px;padding-top:14px;border-top:1px solid var(--line);font-size:13px;color:var(--muted)}
@media (max-width:640px){
.page{padding:0 16px 48px}
header.top{padding-top:24px}
h1{font-size:25px}
.subtitle{font-size:15px}
h2{font-size:19px;margin-top:36px}
dl{grid-template-columns:minmax(0,1fr);gap:0}
dd{margin-bottom:8px}
th,td{padding:6px 9px}
.figures{grid-template-columns:repeat(auto-fit,minmax(136px,1fr));gap:8px}
.figures .value{font-size:21px}
figure{padding:12px 10px 8px}
svg.wide{display:none}svg.narrow{display:block}
}
@media print{
@page{size:A4;margin:16mm 14mm}
:root{color-scheme:light;${variables(LIGHT)}}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:10.5pt}
.page{max-width:none;padding:0}
header.top{padding-top:0}
nav,details{display:none}
h2,h3,figcaption,caption,.block-title{break-after:avoid}
.sheet{break-before:page}
figure,.figures li,.note,tr{break-inside:avoid}
.scroll{overflow:visible}
thead{display:table-header-group}
svg.wide{display:block}svg.narrow{display:none}
a{color:inherit}
}
`;

/** As a Content-Security-Policy names it: https://www.w3.org/TR/CSP3/#grammardef-hash-source */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
