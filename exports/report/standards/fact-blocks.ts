/** Facts that no saved question gives: coverage, the ledger, time-stamps, clocks. */

import type { Block } from '../../page/page.ts';
import { isoText, numberText } from '../cell-text.ts';
import type { ReportContext } from '../context.ts';
import { commandOrigin, type Origin } from '../origin.ts';
import type { Gathered } from './gather.ts';
import type { FactName } from './requirement.ts';

export interface FactOrigins {
  readonly coverage: Origin;
  readonly ledger: Origin;
  readonly stamps: Origin;
  readonly state: ReportContext['state'];
}

export function factOrigins({ cite, period, state }: ReportContext): FactOrigins {
  const range = `--since ${period.from.toISOString()} --until ${period.to.toISOString()}`;
  return {
    coverage: cite(
      commandOrigin('from-coverage', `Coverage, judged as of ${state.instant}`, `akashi coverage ${range}`),
    ),
    ledger: cite(
      commandOrigin(
        'from-ledger',
        'The ledger, read through and hashed up to its signed checkpoint',
        'akashi verify',
      ),
    ),
    stamps: cite(
      commandOrigin(
        'from-stamps',
        'Time-stamps that the ledger names',
        'akashi verify --tsa-roots <roots.pem>',
      ),
    ),
    state,
  };
}

export function factBlock(name: FactName, gathered: Gathered, origins: FactOrigins): Block {
  switch (name) {
    case 'coverage':
      return coverageBlock(gathered, origins);
    case 'ledger':
      return ledgerBlock(origins);
    case 'stamps':
      return stampBlock(gathered, origins);
    case 'clocks':
      return clockBlock(gathered, origins);
    default:
      return name satisfies never;
  }
}

const count = (value: number, { id }: Origin) => [{ text: numberText(value), to: id }];

function coverageBlock({ coverage }: Gathered, { coverage: origin }: FactOrigins): Block {
  const { hours, verdict } = coverage;
  return {
    kind: 'facts',
    facts: [
      {
        name: 'Gravest verdict',
        value: [{ text: verdict ?? 'nothing is held of the period', to: 'coverage' }],
      },
      {
        name: 'Hours of all streams',
        value: Object.entries(hours).flatMap(([name, value], at) => [
          { text: `${at === 0 ? '' : ', '}${name} ` },
          { text: numberText(value), to: origin.id },
        ]),
      },
    ],
  };
}

function ledgerBlock({ ledger: origin, state: { ledger } }: FactOrigins): Block {
  if (ledger.root === null)
    return { kind: 'note', tone: 'bad', title: 'No ledger', text: 'Nothing was ever sealed in this lake.' };
  const kinds = Object.entries(ledger.counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    kind: 'facts',
    facts: [
      {
        name: 'Ledger',
        value: [
          { text: numberText(ledger.size), to: origin.id },
          {
            text: ' entries, each hashed for this report up to the checkpoint, whose signature was verified',
          },
        ],
      },
      { name: 'Root', value: [{ text: ledger.root, mono: true, to: 'ledger-head' }] },
      {
        name: 'Entries by kind',
        value: [
          { text: kinds.map(([kind, n]) => `${kind} ${numberText(n ?? 0)}`).join(', '), to: origin.id },
        ],
      },
    ],
  };
}

function stampBlock({ stamps }: Gathered, { stamps: origin }: FactOrigins): Block {
  const { count: all, newest } = stamps;
  return {
    kind: 'facts',
    facts: [
      { name: 'Time-stamps', value: count(all, origin) },
      ...(newest === null
        ? []
        : [
            {
              name: 'The newest',
              value: [
                { text: `${isoText(newest.time)} by ${newest.authority}, over the first ` },
                ...count(newest.size, origin),
                { text: ' entries of the ledger' },
              ],
            },
          ]),
    ],
  };
}

/** Checks of the clock that a page lists. */
const MOST_CHECKS = 20;

function clockBlock(
  { stamps: { clocks, withoutContext } }: Gathered,
  { stamps: origin }: FactOrigins,
): Block {
  const shown = [...clocks]
    .sort((a, b) => Math.abs(b.offsetSeconds) - Math.abs(a.offsetSeconds) || (a.time < b.time ? -1 : 1))
    .slice(0, MOST_CHECKS);
  const more =
    clocks.length > shown.length ? `, the ${shown.length} furthest off of ${numberText(clocks.length)}` : '';
  const without = withoutContext > 0 ? `; ${numberText(withoutContext)} more cannot be compared` : '';
  return {
    kind: 'table',
    caption: `The lake's clock beside the authority's, at each time-stamp of the period${more}${without}`,
    columns: [
      { title: 'Authority’s time', width: 2 },
      { title: 'Asked at', width: 2 },
      { title: 'Answered at', width: 2 },
      { title: 'Seconds off', align: 'right' },
      { title: 'Authority', width: 2 },
    ],
    rows: shown.map(({ time, sentAt, receivedAt, offsetSeconds, authority }) => ({
      cells: [time, sentAt, receivedAt, [{ text: String(offsetSeconds), to: origin.id }], authority],
    })),
    empty: 'No time-stamp was made in the period, so the lake’s clock was compared with nothing.',
  };
}
