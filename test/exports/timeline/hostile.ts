/** A timeline whose every text is an attack. */

import type { ProofState, RecordLine, TimelineData, TimelineLine } from '../../../exports/timeline/model.ts';
import { compareLines } from '../../../exports/timeline/order.ts';
import { NOBODY } from './lakes.ts';

export const HOSTILE: readonly string[] = [
  "=cmd|'/C calc'!A0",
  '+1+1',
  '-2+3',
  '@SUM(1)',
  '\t=1',
  '＝1+1',
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b31m',
  '\u202egnp.exe\u202c',
  '\u2066\u2067hidden\u2069',
  'a\u200bb\u00adc\ufeff',
  'line\r\nbreak\u2028here\u2029there',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  '</title></style></script><iframe src=javascript:alert(1)>',
  '\ud800lone',
  '\u0000null',
  '日本語の名前'.repeat(30),
  'x'.repeat(4_097),
  '{"broken":',
  ', " ; | quotes',
  '__proto__',
  'NA',
  '',
];

const PROOF: ProofState = {
  held: 'whole',
  index: 1,
  checkpoint: 9,
  stamped: null,
  provider: null,
  problem: null,
};
const START = Date.parse('2024-03-12T08:00:00Z') * 1000;

const record = (kind: 'event' | 'flow', text: string, at: number): RecordLine => {
  const names = [
    ...[
      'uid',
      'source',
      'cloud',
      'class',
      'action',
      'operation',
      'status',
      'error_code',
      'error_message',
      'account',
      'region',
    ],
    ...[
      'actor_type',
      'actor_name',
      'actor_id',
      'actor_credential',
      'actor_session',
      'actor_issuer',
      'actor_on_behalf_of',
    ],
    ...[
      'src_ip',
      'src_host',
      'user_agent',
      'dst_ip',
      'dst_host',
      'command',
      'target_type',
      'target_id',
      'target_name',
    ],
    ...['instance', 'interface', 'direction', 'log_status', 'evidence', 'locator', 'raw'],
  ];
  const row = Object.fromEntries(names.map((name) => [name, text]));
  const problem = at % 5 === 0 ? `problem ${text}` : null;
  return {
    kind,
    time: at % 7 === 6 ? null : START + at * 90e6,
    row: {
      ...row,
      uid: `${text} ${at}`,
      conflict: at % 3 === 0,
      bytes: at,
      dst_port: 443,
      raw_length: text.length + at,
    },
    links: [
      { kind: 'ip', because: text },
      { kind: 'credential', because: `key ${text}` },
    ],
    proof: {
      ...PROOF,
      provider: text,
      problem,
      stamped: at % 4 === 0 ? { time: START, authority: text } : null,
    },
  };
};

export function hostileTimeline(): TimelineData {
  const lines: TimelineLine[] = [
    ...HOSTILE.map((text, at) => record('event', text, at)),
    ...HOSTILE.map((text, at) => record('flow', text, at + HOSTILE.length)),
    ...HOSTILE.map((text, at) => ({
      kind: 'gap' as const,
      time: START + at * 3_600e6,
      end: START + (at + 1) * 3_600e6,
      source: text,
      account: text,
      region: text,
      verdict: at % 2 === 0 ? ('gap' as const) : ('silent' as const),
      problem: text,
      detail: text,
      expected: at,
      held: 0,
    })),
    // Beyond what readers of dates can hold.
    { ...record('event', 'far', 1), time: 9e18 },
    { ...record('event', 'early', 1), time: -9e18 },
  ];
  return {
    selectors: { ...NOBODY, actors: HOSTILE, targets: HOSTILE },
    asked: { from: null, to: null },
    span: { from: START, to: START + 30 * 3_600e6 },
    lines: lines.sort(compareLines),
    cut: { shown: lines.length, found: null },
    unknowns: HOSTILE.map((text, at) => ({ grave: at % 2 === 0, text })),
    leads: HOSTILE.map((value) => ({ selector: 'actor', value, because: value })),
    head: { name: '1-0', size: 9, root: null },
    asOf: START,
  };
}
