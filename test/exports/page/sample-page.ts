/** A page with every kind of block, as a report would have it, for looking at and for the browser's test. */

import type { Page } from '../../../exports/page/page.ts';

const DAYS = Array.from({ length: 30 }, (_, at) => at + 1);
const wave = (day: number, base: number, swing: number): number =>
  Math.round(base + swing * Math.sin(day / 2.2) + (day % 7 < 2 ? -swing : 0));

/** Text that must do nothing wherever it stands. */
export const HOSTILE = [
  `<script>fetch('https://example.com/')</script><img src=x onerror=alert(1)>`,
  `"><style>*{display:none}</style></td></table><a href="https://example.com">click</a>`,
  '=HYPERLINK("https://example.com","open")',
  'admin\u202Egnp.exe\u202C \u0000\u001b[31mred\u001b[0m\u200b',
  '../../etc/passwd',
  'x'.repeat(9_000),
  '田中 花子 (経理部) “引用” – naïve café Ελλάδα Привет',
  'مرحبا بالعالم 안녕하세요 👩‍💻',
] as const;

export const SAMPLE_PAGE: Page = {
  lang: 'en',
  eyebrow: 'Operations report',
  title: 'September 2026',
  subtitle: 'What was recorded, by whom, what failed and what changed, compared with August 2026.',
  at: '2026-10-01T00:05:00Z',
  facts: [
    { name: 'Lake', value: 's3://example-vault, s3://example-state' },
    { name: 'Ledger head', value: [{ text: '1842 · 6f1c…', mono: true, to: 'head' }] },
    { name: 'Covered', value: [{ text: 'gaps: 3 hours', tone: 'warn' }, { text: ' of 720' }] },
    { name: 'Prepared for', value: '経理部 田中 花子' },
  ],
  sections: [
    {
      id: 'summary',
      title: 'Summary',
      blocks: [
        {
          kind: 'figures',
          figures: [
            { name: 'Events', value: '20,114,503', change: '+12 % on August', to: 'q-volume' },
            {
              name: 'Failed requests',
              value: '18,204',
              change: '+61 % on August',
              tone: 'bad',
              to: 'q-volume',
            },
            { name: 'Sign-ins', value: '4,310', change: 'as in August', to: 'q-volume' },
            { name: 'Archive', value: '8.1 GB', change: '+640 MB in the month', to: 'q-volume' },
            { name: 'Hours covered', value: '99.6 %', change: '−0.4 points', tone: 'warn' },
          ],
        },
        {
          kind: 'text',
          text: ['Every number leads to the question that counted it'].map((text) => ({ text })),
        },
        {
          kind: 'note',
          tone: 'warn',
          title: 'Not covered by logs',
          text: 'Whether the night shift reviewed these events is a human statement; no log shows it.',
        },
      ],
    },
    {
      id: 'volume',
      title: 'Volume',
      blocks: [
        {
          kind: 'chart',
          form: 'stacked',
          title: 'Events per day and source',
          description: 'Five sources; weekends are quieter, and on the 18th nothing is known.',
          labels: DAYS.map((day) => `${day} Sep`),
          labelTitle: 'Day (UTC)',
          valueTitle: 'Events',
          unit: 'count',
          to: 'q-volume',
          series: [
            ['aws.cloudtrail', 420_000, 90_000],
            ['gcp.audit', 160_000, 40_000],
            ['azure.activity', 52_000, 9_000],
            ['k8s.audit', 31_000, 5_000],
            ['linux.auth', 9_000, 2_000],
          ].map(([name, base, swing]) => ({
            name: name as string,
            values: DAYS.map((day) => (day === 18 ? null : wave(day, base as number, swing as number))),
          })),
        },
        {
          kind: 'chart',
          form: 'bar',
          title: 'Failed sign-ins per day',
          description: 'This month beside the month before.',
          labels: DAYS.map(String),
          labelTitle: 'Day (UTC)',
          valueTitle: 'Failed sign-ins',
          unit: 'count',
          series: [
            { name: 'August', values: DAYS.map((day) => wave(day, 40, 20)), tone: 'quiet' },
            { name: 'September', values: DAYS.map((day) => wave(day, 55, 35)), tone: 'bad' },
          ],
        },
        {
          kind: 'chart',
          form: 'horizontal',
          title: 'Top actors',
          description: 'The eight that did most.',
          labels: [
            'arn:aws:sts::123456789012:assumed-role/deployment-pipeline/build-7731',
            'alice@example.com',
            '田中 花子',
            '<b>mallory</b>',
            'scanner\u202Egpj',
            'backup',
            'terraform@example.iam.gserviceaccount.com',
            'bob@example.com',
          ],
          labelTitle: 'Actor',
          valueTitle: 'Events',
          unit: 'count',
          series: [{ name: 'Events', values: [812_331, 91_004, 50_231, 48_000, 20_111, 9_800, 1_210, 12] }],
        },
      ],
    },
    {
      id: 'transfers',
      title: 'Large transfers',
      blocks: [
        {
          kind: 'table',
          caption: 'Addresses that sent more than 10 MB',
          columns: [
            { title: 'From', mono: true },
            { title: 'To', mono: true },
            { title: 'Port', align: 'right' },
            { title: 'Sent', align: 'right' },
            { title: 'Verdict' },
            { title: 'Remark', width: 2 },
          ],
          rows: Array.from({ length: 60 }, (_, at) => ({
            cells: [
              `192.0.2.${at}`,
              at % 9 === 0 ? '2001:db8:85a3:1234:5678:8a2e:370:7334' : `203.0.113.${at}`,
              '443',
              `${(900 - at * 13.7).toFixed(0)} MB`,
              [{ text: at % 7 === 0 ? 'new' : 'known', tone: at % 7 === 0 ? 'bad' : 'good' } as const],
              HOSTILE[at % 12] ?? 'nightly backup to the other region',
            ],
            ...(at % 7 === 0 ? { tone: 'bad' as const } : {}),
          })),
        },
        {
          kind: 'table',
          caption: 'Transfers at night',
          columns: [{ title: 'From' }],
          rows: [],
          empty: 'None in this month.',
        },
        {
          kind: 'list',
          items: ['One item', [{ text: 'an item ' }, { text: 'with code', mono: true }], HOSTILE[0]],
        },
      ],
    },
    {
      id: 'appendix',
      title: 'Where the numbers come from',
      newSheet: true,
      blocks: [
        { kind: 'heading', text: 'Volume by source', id: 'q-volume' },
        {
          kind: 'text',
          text: [{ text: 'At the ledger head ' }, { text: '1842', to: 'head' }, { text: ' it answers:' }],
        },
        {
          kind: 'code',
          caption: 'SQL',
          text: "select source, count(*) as events\nfrom events\nwhere time >= $since\n\tand actor_name <> '<script>'\ngroup by source",
        },
        {
          kind: 'facts',
          facts: [
            {
              name: 'Ledger head',
              id: 'head',
              value: [
                { text: '6f1c2a7f8d3b4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7', mono: true },
              ],
            },
            ...HOSTILE.map((value, at) => ({ name: `Hostile ${at}`, value })),
          ],
        },
      ],
    },
  ],
  foot: 'Ledger head 1842 · 6f1c2a7f8d3b4e5f · read at 2026-10-01T00:05:00Z',
};
