/** The numbers to see first, and what stands out of them. */

import type { Block, Figure, Inline, Section, Tone } from '../../page/page.ts';
import { actorLabel } from './actors.ts';
import { claimedShare, shareText } from './coverage.ts';
import { earlierOf, type MonthlyData } from './data.ts';
import { byName, splitByDay } from './split.ts';
import { changeText, counted, several, sized, sum } from './words.ts';

/** A rise or fall by this share stands out. */
const MARKED = 0.5;
/** Of fewer than this nothing is said: any change of few is large. */
const LEAST = 20;

export function summarySection(data: MonthlyData): Section {
  const findings = findingsOf(data);
  const earlier = earlierOf(data);
  const nothing = earlier.known
    ? `Nothing differs much from ${earlier.name}.`
    : `Nothing is held of ${earlier.name}, so there is nothing to compare with.`;
  const blocks: Block[] = [
    { kind: 'figures', figures: figuresOf(data) },
    { kind: 'heading', text: 'What stands out' },
    findings.length === 0 ? { kind: 'text', text: nothing } : { kind: 'list', items: findings },
    {
      kind: 'note',
      tone: 'quiet',
      title: 'What no log shows',
      text: 'Whether somebody looked at these events and what they decided is a human statement. Counts are of what is held: read them with the coverage below.',
    },
  ];
  return { id: 'summary', title: 'Summary', blocks };
}

function figuresOf(data: MonthlyData): Figure[] {
  const { origins } = data;
  const earlier = earlierOf(data);
  const activity = splitByDay(data.activity, data.period);
  const traffic = splitByDay(data.traffic, data.period);
  const growth = splitByDay(data.growth, data.period);
  const compared = (name: string, to: string, now: number, before: number, worse: boolean): Figure => ({
    name,
    value: counted(now),
    to,
    change: changeText(now, before, earlier),
    tone: toneOf(now, before, worse),
  });
  const of = <T>(both: { now: readonly T[]; before: readonly T[] }, pick: (row: T) => number) =>
    [sum(both.now, pick), sum(both.before, pick)] as const;
  const [sent, sentBefore] = of(traffic, ({ sentBytes }) => sentBytes);
  const [received, receivedBefore] = of(growth, ({ bytes }) => bytes);
  const [share, shareBefore] = [claimedShare(data.coverage.hours), claimedShare(data.coverageBefore.hours)];
  return [
    compared('Events', origins.activity, ...of(activity, ({ events }) => events), false),
    compared('Failures', origins.activity, ...of(activity, ({ failures }) => failures), true),
    compared(
      'Failed sign-ins',
      origins.activity,
      ...of(activity, ({ failedSignIns }) => failedSignIns),
      true,
    ),
    compared('Changes', origins.activity, ...of(activity, ({ changes }) => changes), false),
    compared('Actors', origins.actors, data.actorCounts.actors, data.actorCounts.actorsBefore, false),
    compared('Flow records', origins.traffic, ...of(traffic, ({ flowRecords }) => flowRecords), false),
    {
      name: 'Bytes sent',
      value: sized(sent),
      to: origins.traffic,
      change: changeText(sent, sentBefore, earlier),
      tone: toneOf(sent, sentBefore, true),
    },
    compared(
      `Transfers over ${sized(data.largeFrom)}`,
      origins.transfers,
      data.transfers.length,
      data.transfersBefore,
      true,
    ),
    {
      name: 'Hours covered',
      value: shareText(share),
      to: origins.coverage,
      change:
        shareBefore === null
          ? `nothing held of ${earlier.name}`
          : `${shareText(shareBefore)} in ${earlier.name}`,
      tone: share === null || data.coverage.hours.gap > 0 ? 'bad' : 'plain',
    },
    {
      name: 'Archive',
      value: sized(sum(data.archive, ({ bytes }) => bytes)),
      to: origins.archive,
      change: `${sized(received)} received; ${changeText(received, receivedBefore, { ...earlier, known: true })}`,
    },
  ];
}

const toneOf = (now: number, before: number, worse: boolean): Tone =>
  worse && now >= LEAST && before > 0 && (now - before) / before >= MARKED ? 'bad' : 'plain';

/** Sentences by fixed rules, the gravest first. */
function findingsOf(data: MonthlyData): Inline[] {
  const { origins, coverage } = data;
  const earlier = earlierOf(data);
  const { now, before } = splitByDay(data.activity, data.period);
  const sources = new Map(
    byName(
      now,
      ({ source }) => source,
      ({ events }) => events,
    ),
  );
  const sourcesBefore = byName(
    before,
    ({ source }) => source,
    ({ events }) => events,
  );
  const found: Inline[] = [];
  const say = (mark: string, tone: Tone, words: string, number: string, to: string, rest: string): void => {
    found.push([{ text: mark, tone }, { text: ` ${words}` }, { text: number, to }, { text: rest }]);
  };
  const { gap, silent } = coverage.hours;
  if (gap > 0)
    say(
      'gap',
      'bad',
      '',
      several(gap, 'hour'),
      origins.coverage,
      ' of which something is known to be missing.',
    );
  for (const [source, events] of sourcesBefore)
    if (events > 0 && !sources.has(source))
      say(
        'silent',
        'bad',
        `${source} has no event; `,
        counted(events),
        origins.activity,
        ` in ${earlier.name}.`,
      );
  for (const { title, count, countBefore, origin } of data.watch)
    if (earlier.known && count > 0 && countBefore === 0)
      say('new', 'warn', `${title}: `, counted(count), origin, `, none in ${earlier.name}.`);
  for (const { action, errorCode, failures, failuresBefore } of data.failures)
    if (earlier.known && failures >= LEAST && failures >= 2 * failuresBefore)
      say(
        'failing',
        'warn',
        `${action} failed `,
        `${counted(failures)} times`,
        origins.failures,
        ` with ${errorCode}: ${changeText(failures, failuresBefore, earlier)}.`,
      );
  if (silent > 0)
    say(
      'silent',
      'warn',
      '',
      several(silent, 'hour'),
      origins.coverage,
      ' in which a stream that usually speaks said nothing.',
    );
  for (const actor of data.actors)
    if (earlier.known && actor.eventsBefore === 0)
      say(
        'new',
        'quiet',
        `${actorLabel(actor, data.actors)} is among the busiest with `,
        several(actor.events, 'event'),
        origins.actors,
        `, none in ${earlier.name}.`,
      );
  return found.slice(0, MOST_FINDINGS);
}

const MOST_FINDINGS = 14;
